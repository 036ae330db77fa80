package edge

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// requestCF is the JSON of request.cf: what the edge knows of the client and of its connection. What only a database of
// addresses would tell (city, postal code, coordinates) is left out.
func (q *request) requestCF(r *http.Request) []byte {
	a := &q.admission
	b := make([]byte, 0, 512)
	b = append(b, `{"colo":"`+colo+`"`...)
	text := func(key, value string) {
		if value == "" {
			return
		}
		b = append(b, `,"`...)
		b = append(b, key...)
		b = append(b, `":`...)
		b = appendJSON(b, value)
	}
	if a.client.ASN != 0 {
		b = append(b, `,"asn":`...)
		b = strconv.AppendUint(b, uint64(a.client.ASN), 10)
	}
	if c := a.client.Country; len(c) == 2 {
		text("country", c)
		text("continent", continentOf(c))
		if strings.Contains(europeanUnion, c) {
			text("isEUCountry", "1")
		}
	}
	proto := r.Proto
	if r.ProtoMajor == 2 {
		proto = "HTTP/2"
	}
	text("httpProtocol", proto)
	text("clientAcceptEncoding", q.encoding)
	b = append(b, `,"clientTcpRtt":1`...)
	if r.TLS != nil {
		version := "TLSv1.3"
		if r.TLS.Version == tls.VersionTLS12 {
			version = "TLSv1.2"
		}
		text("tlsVersion", version)
		if r.TLS.CipherSuite != 0 {
			text("tlsCipher", cipherName(r.TLS.CipherSuite))
		} else {
			text("tlsCipher", "AEAD-AES128-GCM-SHA256")
		}
		b = append(b, `,"tlsClientAuth":{"certPresented":"0","certVerified":"NONE","certRevoked":"0"}`...)
	}
	return append(b, '}')
}

// appendJSON writes a string as JSON.
func appendJSON(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// cipherName is a suite by the name that the edge gives it: those of TLS 1.3 have one of their own.
func cipherName(suite uint16) string {
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256:
		return "AEAD-AES128-GCM-SHA256"
	case tls.TLS_AES_256_GCM_SHA384:
		return "AEAD-AES256-GCM-SHA384"
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		return "AEAD-CHACHA20-POLY1305-SHA256"
	}
	return tls.CipherSuiteName(suite)
}

const europeanUnion = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// continents are countries by ISO 3166 that lie there.
var continents = map[string]string{
	"AF": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
	"AN": "AQ BV GS HM TF",
	"AS": "AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
	"EU": "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK",
	"NA": "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI",
	"OC": "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
	"SA": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
}

func continentOf(country string) string {
	for code, list := range continents {
		if strings.Contains(list, country) {
			return code
		}
	}
	return ""
}
