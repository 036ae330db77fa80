package accessemu

// Reason is why Access answers with an error of its own, for who develops
// behind it.
type Reason struct {
	Why  string // one line
	Mend string // what would change the answer; may be empty

	Kind, ID, Field string // document and path inside it that Why is about; empty: none
}

// tell hands the reason of an answer to who wants to know. It is called before
// the answer begins.
func (r *Request) tell(why Reason) {
	if r.Reticent {
		why = Reason{Why: why.Why}
	}
	if why.Why != "" && r.Explain != nil {
		r.Explain(why)
	}
}

// reason is that of a decision.
func (d *Decision) reason() Reason { return Reason{d.Why, d.Mend, d.Kind, d.ID, d.Field} }

// hush takes from a decision what a stranger is not to learn: whom policies
// describe, and where they are written.
func (d *Decision) hush() {
	if d.brief != "" {
		d.Why = d.brief
	}
	d.Mend, d.Kind, d.ID, d.Field = "", "", "", ""
}

// notAdmitted is why no code of a login is right. It names the one policy that
// could have admitted the address, or turned it away, and else their list.
func (a *App) notAdmitted(r *Request, email string) Reason {
	sub := subjectFrom(r.Client)
	sub.email = email
	at := place{"app", a.ID, "policies"}
	var allow []*appPolicy
	for i := range a.policies {
		if p := &a.policies[i]; p.allow {
			allow = append(allow, p)
		}
	}
	deciding := a.evaluate(sub).policy
	if deciding == nil && len(allow) == 1 {
		deciding = allow[0]
	}
	if deciding != nil {
		at = deciding.place
	}
	return Reason{
		Why:  "no code is right, because none was mailed: " + a.label() + " does not admit " + email + "; it admits " + a.admits(),
		Mend: "sign in with an address that it admits, or change a policy",
		Kind: at.kind, ID: at.id, Field: at.field,
	}
}
