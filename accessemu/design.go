package accessemu

import (
	"html/template"
	"net/url"
	"strings"
)

func compileDesign(d *LoginDesign, f *faults) {
	for _, c := range []struct{ name, value string }{{"background_color", d.BackgroundColor}, {"text_color", d.TextColor}} {
		if c.value != "" && !hexColour(c.value) {
			f.add("login_design."+c.name, quote(c.value), `a colour in hex, as "#1f2937"`, "")
		}
	}
	if d.LogoPath != "" {
		if u, err := url.Parse(d.LogoPath); err != nil || u.Scheme != "https" || u.Host == "" {
			f.add("login_design.logo_path", quote(d.LogoPath), `an absolute URL, as "https://example.com/logo.svg"`, "")
		}
	}
}

func hexColour(s string) bool {
	rest, ok := strings.CutPrefix(lowerASCII(s), "#")
	return ok && (len(rest) == 3 || len(rest) == 6) && isHex(rest, len(rest))
}

// css holds nothing but colours that compileDesign has checked.
func (d *LoginDesign) css() template.CSS {
	var b strings.Builder
	if d.BackgroundColor != "" {
		b.WriteString("body,main{background:" + d.BackgroundColor + "}")
	}
	if d.TextColor != "" {
		b.WriteString(":root{--text:" + d.TextColor + ";--soft:" + d.TextColor + "}")
	}
	return template.CSS(b.String())
}
