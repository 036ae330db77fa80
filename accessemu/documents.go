package accessemu

// Organization is the Zero Trust organization, with the REST API's field names.
type Organization struct {
	Name                   string       `json:"name,omitempty"`
	AuthDomain             string       `json:"auth_domain,omitempty"`               // "acme.cloudflareaccess.com"; derived from the team when empty
	SessionDuration        string       `json:"session_duration,omitempty"`          // Go duration of the global session; empty: 24h
	StrictServiceTokenAuth bool         `json:"strict_service_token_auth,omitempty"` // default off
	DenyUnmatchedRequests  bool         `json:"deny_unmatched_requests,omitempty"`   // block hosts without an application
	DenyUnmatchedExempted  []string     `json:"deny_unmatched_requests_exempted_zone_names,omitempty"`
	AutoRedirectToIdentity bool         `json:"auto_redirect_to_identity,omitempty"` // skip the list of identity providers when there is one
	LoginDesign            *LoginDesign `json:"login_design,omitempty"`

	CustomPages *OrganizationPages `json:"custom_pages,omitempty"`
}

// LoginDesign is how the login page looks. Colours are CSS hex colours.
type LoginDesign struct {
	BackgroundColor string `json:"background_color,omitempty"`
	TextColor       string `json:"text_color,omitempty"`
	HeaderText      string `json:"header_text,omitempty"`
	FooterText      string `json:"footer_text,omitempty"`
	LogoPath        string `json:"logo_path,omitempty"`
}

// Application is an Access application, with the REST API's field names.
type Application struct {
	ID                     string        `json:"id,omitempty"`  // UUID
	AUD                    string        `json:"aud,omitempty"` // audience tag, 64 lower-case hex digits
	Name                   string        `json:"name,omitempty"`
	Type                   string        `json:"type,omitempty"`                // empty: "self_hosted", the one type there is
	Domain                 string        `json:"domain,omitempty"`              // host, or host/path; wildcards as Access has them
	SelfHostedDomains      []string      `json:"self_hosted_domains,omitempty"` // ignored when Destinations is given
	Destinations           []Destination `json:"destinations,omitempty"`
	SessionDuration        string        `json:"session_duration,omitempty"` // Go duration; empty: 24h
	Policies               []PolicyRef   `json:"policies,omitempty"`
	HTTPOnlyCookie         *bool         `json:"http_only_cookie_attribute,omitempty"` // nil: true
	SameSiteCookie         string        `json:"same_site_cookie_attribute,omitempty"` // "none", "lax" or "strict"; empty: no attribute
	PathCookie             bool          `json:"path_cookie_attribute,omitempty"`
	OptionsPreflightBypass bool          `json:"options_preflight_bypass,omitempty"`
	CORSHeaders            *CORSHeaders  `json:"cors_headers,omitempty"`                  // nil: preflights are refused
	AllowedIdPs            []string      `json:"allowed_idps,omitempty"`                  // ids of identity providers, or their types; empty: all
	AutoRedirectToIdentity *bool         `json:"auto_redirect_to_identity,omitempty"`     // nil: the organization's. The one-time PIN leads nowhere, so it changes nothing there
	EagerRedirect          *bool         `json:"eager_redirect_cookie_setting,omitempty"` // a first login sets the cookies of all hosts without wildcards. nil: of an application with five destinations at most
	EnableBindingCookie    bool          `json:"enable_binding_cookie,omitempty"`         // a token counts only with the cookie CF_Binding that came with it
	CustomPages            []string      `json:"custom_pages,omitempty"`                  // ids or names of custom pages, at most one a type
	ServiceAuth401Redirect bool          `json:"service_auth_401_redirect,omitempty"`
	ServiceTokensHeader    string        `json:"read_service_tokens_from_header,omitempty"`
	SkipInterstitial       bool          `json:"skip_interstitial,omitempty"` // cloudflared's tokens are granted without a question
	CustomDenyMessage      string        `json:"custom_deny_message,omitempty"`
	CustomDenyURL          string        `json:"custom_deny_url,omitempty"`
	NonIdentityDenyURL     string        `json:"custom_non_identity_deny_url,omitempty"`
}

// Destination is one place an application protects: a host or a path of one, or a Worker, whatever
// the hosts that lead to it.
type Destination struct {
	Type     string `json:"type"`                // "public", also when empty; "worker", "preview_worker", "all_workers" or "all_preview_workers"
	URI      string `json:"uri,omitempty"`       // of "public": host, or host/path
	WorkerID string `json:"worker_id,omitempty"` // of "worker" and "preview_worker": 32 hex digits
}

// Policy is an Access policy, with the REST API's field names.
type Policy struct {
	ID              string `json:"id,omitempty"` // UUID
	Name            string `json:"name,omitempty"`
	Decision        string `json:"decision"` // "allow", "deny", "bypass" or "non_identity" (Service Auth)
	Include         []Rule `json:"include"`
	Exclude         []Rule `json:"exclude,omitempty"`
	Require         []Rule `json:"require,omitempty"`
	Precedence      int    `json:"precedence,omitempty"`       // 0: the place in the list
	SessionDuration string `json:"session_duration,omitempty"` // Go duration; empty: the application's

	PurposeRequired bool   `json:"purpose_justification_required,omitempty"` // of an allow policy: ask why, once a session
	PurposePrompt   string `json:"purpose_justification_prompt,omitempty"`   // what to ask; empty: a sentence of ours
}

// PolicyRef is a policy written in an application: inline, or the id or name
// of a reusable one. In JSON the latter is a string, or an object that has
// "id" and neither "decision" nor "include".
type PolicyRef struct {
	Policy
	Ref string // not empty: reusable policy by id or name; of Policy only Precedence counts
}

// Rule is one rule of a policy: one selector and its value, in JSON an object
// of one key, as {"email": {"email": "alice@example.com"}}.
//
// Decoding never fails on what a rule says: a rule that is not understood keeps
// its text as a json.RawMessage in Value, and compiling it reports the mistake
// with its path, beside all other mistakes.
type Rule struct {
	Selector string
	Value    any // the type of the selector: EmailRule of "email", IPRule of "ip", …
}
