package accessemu

import (
	"fmt"
	"slices"
)

// refsOfProviders are the identity providers that an application names, and all
// where it depends on which there are.
func refsOfProviders(doc *Application) (refs []string) {
	for _, ref := range doc.AllowedIdPs {
		refs = append(refs, refTo("identity_provider", ref))
	}
	if doc.AutoRedirectToIdentity != nil && *doc.AutoRedirectToIdentity || len(doc.AllowedIdPs) > 0 {
		refs = append(refs, refTo("identity_provider", everyProvider))
	}
	return refs
}

// allowProviders finds the identity providers that an application allows.
func (a *App) allowProviders(c *Config, f *faults) {
	a.allowed = nil
	for i, ref := range a.doc.AllowedIdPs {
		at := fmt.Sprintf("allowed_idps[%d]", i)
		fits := slices.DeleteFunc(slices.Clone(c.offers), func(p *provider) bool { return !p.named(ref) })
		if len(fits) == 0 {
			f.add(at, quote(ref)+", which is the id, name or type of no identity provider", either(c.providerNames()), suggest(ref, c.providerNames()))
		}
		for _, p := range fits {
			if !slices.Contains(a.allowed, p) {
				a.allowed = append(a.allowed, p)
			}
		}
	}
	if auto := a.doc.AutoRedirectToIdentity; auto != nil && *auto {
		if n := len(c.offered(a)); n > 1 {
			f.add("auto_redirect_to_identity", fmt.Sprintf("true, with %d identity providers to choose from", n), "false, or one provider in allowed_idps", "")
		}
	}
}

// offered are the identity providers that people may sign in with to an application.
func (c *Config) offered(a *App) []*provider {
	if len(a.doc.AllowedIdPs) == 0 {
		return c.offers
	}
	return a.allowed
}

// atOnce is the provider to which the login page leads without a choice; nil: it is shown.
func (c *Config) atOnce(a *App) *provider {
	auto := c.org.AutoRedirectToIdentity
	if a.doc.AutoRedirectToIdentity != nil {
		auto = *a.doc.AutoRedirectToIdentity
	}
	if all := c.offered(a); auto && len(all) == 1 && !all[0].pin() {
		return all[0]
	}
	return nil
}

// admitsProvider tells whether the application takes the sign-ins of the
// identity provider that made this one. A sign-in that was forgotten since was
// asked when its token was made.
func (a *App) admitsProvider(t *traits) bool {
	if len(a.doc.AllowedIdPs) == 0 || t == nil {
		return true
	}
	for _, p := range a.allowed {
		if p.doc.ID == t.idp.ID {
			return true
		}
	}
	return false
}
