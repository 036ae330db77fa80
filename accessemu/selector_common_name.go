package accessemu

// CommonNameRule admits a client whose verified certificate has this common name.
type CommonNameRule struct {
	CommonName string `json:"common_name"`
}

func (r CommonNameRule) compile(field string, f *faults) matcher {
	if r.CommonName == "" {
		f.add(join(field, "common_name"), `""`, "the common name of a client certificate", "")
		return nil
	}
	return commonNameMatcher(r.CommonName)
}

type commonNameMatcher string

func (m commonNameMatcher) match(s subject) bool {
	return s.cert != nil && s.cert.CommonName == string(m)
}
func (m commonNameMatcher) say() string {
	return "a client whose certificate has the common name " + quote(string(m))
}
