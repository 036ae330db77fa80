// Package accessemu is Cloudflare Access for tests and laptops: applications
// and policies as the REST API has them, the login with its one-time PIN, the
// tokens, the keys, and the headers that an origin sees. Paths, form fields,
// cookies, claims and status codes are the real ones, so a program written for
// the real login works.
//
// # Alone
//
// Compile the documents, keep a State, and put Handler in front of an origin:
//
//	c, _ := accessemu.NewConfig(accessemu.Settings{Team: "acme"})
//	t := c.Txn()
//	_ = t.PutApp(accessemu.Application{Domain: "app.example.com", Policies: …})
//	c, err := t.Commit()
//	s := accessemu.NewState(accessemu.StateOptions{})
//	defer s.Close()
//	h := &accessemu.Handler{State: s, Config: func() *accessemu.Config { return c }, Origin: origin}
//
// The handler answers for the team's host, acme.cloudflareaccess.com, and for
// the application's. No mail is sent: State.OTP and State.Inbox have the PIN.
//
// # As a part of an edge
//
// Config.Decide answers what is to become of a request, and why, as a value
// without effects. The caller then either prepares the request by
// Decision.Prepare and passes it on (NoApplication, Bypass, Forward), or lets
// State.Answer answer. Requests for the team's host go to State.ServeTeam.
//
// A Config is immutable. Txn makes the next one, at the cost of what it
// touches. State outlives every Config.
//
// Hop-by-hop headers must be removed before Prepare, not after it: a client may
// name our headers in Connection. Prepare removes such names as well.
//
// # Applications
//
// A destination is a host, or host/path. A "*" in the host stands for text
// inside one label, at most one a label: "*.example.com" covers a.example.com,
// "*test.example.com" covers alphatest.example.com. A path covers whole segments
// and what is below them; "*" in a path spans segments, and "/alpha/*" does not
// cover "/alpha". A name precedes a partial wildcard, which precedes "*"; then
// the path with more literal text precedes, then fewer wildcards, then the longer
// host, then the older application. Nothing is inherited from an application
// that is preceded.
//
// A destination may also be a Worker, by its id, whatever hosts lead to it. Which Worker takes a
// request, the caller says in Request.Worker. Where no host or path matches, the first of these
// decides: preview_worker and then worker of that Worker, all_preview_workers, all_workers; those
// of previews hold on Preview URLs alone, the others also there. An application of a Worker with
// a bypass thus frees one Worker of an application of all. Applications that match by a Worker
// answer WebSocket handshakes with 403, but where a bypass lets them pass.
//
// A path is read in every way that software behind the edge may read it:
// canonical and decoded twice more, with backslashes as slashes, slashes merged,
// dot segments removed, parameters (";…") removed, cut at a decoded NUL, "?" or
// "#", without spaces and control characters at the end of a segment, and with
// ASCII that is encoded in two bytes of UTF-8. If different applications (or one
// and none) cover the readings, the verdict is Ambiguous; so it is, on a host that
// has an application, for a path with %00 and for one with more readings than are
// looked at. Case counts in a path: what a server that ignores case would make of
// a request that is passed on is said in Decision.Why.
//
// # Policies
//
// Bypass and Service Auth policies are asked first, in the order of the list, then
// the others in order; the first that describes a request ends the evaluation, and
// who is described by none is refused. A Service Auth policy describes only requests
// that show a credential of a machine: a service token, a client certificate, or the
// token of a linked application; "everyone" in it is every machine. All policies are asked again at every request, with the address
// that signed in: a client that moves to a country that is not admitted gets
// 403 within its session, and an edited policy holds at once. A bypass also
// lets preflights pass; without one, OPTIONS is answered 403 unless
// options_preflight_bypass is set.
//
// Rules name groups, lists, service tokens and reusable policies by id or by name.
// What a selector of identity looks at (groups, claims, amr, identity provider) is
// what the sign-in was told; device posture is what Client.Posture lists. An external
// evaluation is asked when a person is on the way from the login to an application,
// anew for each of its tokens, and is believed until then.
//
// # Service tokens
//
// A request shows one by the headers Cf-Access-Client-Id and Cf-Access-Client-Secret,
// or by the one header that the application names. By default one that does not count
// is as absent, and the policies decide: 302 where a policy allows people, 403 (401
// with service_auth_401_redirect) where none does. With strict_service_token_auth it
// is 401, one that no Service Auth policy includes 403, and nothing else counts. The
// token that a service token is given back works alone where an Allow policy is, too,
// and not in strict mode. Made within one second for one host it is the same token.
//
// # Credentials
//
// In this order: service tokens, Cf-Access-Token, Cf-Access-Jwt-Assertion, the cookie
// CF_Authorization. One that does not hold counts as absent, and the Decision
// tells why. Two cookies of two people are refused with 403, also when only one
// still holds: one was put there by somebody else. Two different CF_AppSession
// cookies end the login. The origin sees the accepted token in its header, and in
// the cookie CF_Authorization if the client sent one; never another one there.
//
// All that comes of a sign-in (tokens, and passes on the way to an application)
// ends with it: by a logout, or by State.RevokeUser. A pass works once, and is
// used up by whoever shows it. Endings.LogoutLatency lets application tokens outlive a
// logout. State.RevokeApp and RevokeAppUser end an application's tokens and leave the
// sign-in. Keys rotate by State.RotateKeys and by age (Endings.KeyRotation); the one
// before verifies for seven days. The first sign-in of a person takes a seat, which
// State.RemoveSeat frees; without a free one of Endings.Seats the sign-in is refused.
// PINs are guessed in vain: five tries for each, and twenty for each address and each
// browser within ten minutes. State.ExpireOTP makes them too old.
//
// # People
//
// A Config may know people (Txn.PutPerson): what their identities hold beside the
// address, and a list on the login page. Who is picked from it gets the code filled
// in on the next page, or is told there why none was sent. The list is for the
// developer: a client whose requests are Reticent is shown none of it, and another
// site's page cannot pick. An address that is typed goes the real way. Where the
// one-time PIN is the one provider, its identities have the groups and claims of
// people, which is not so on the real network.
//
// A new code voids the older one of the same login; those of other logins stand.
//
// # Identity providers
//
// Txn.PutIdentityProvider adds one. Without any there is the one-time PIN; with
// some, only those. An application may allow some of them (allowed_idps), and lead
// straight to the one that is left (auto_redirect_to_identity). A provider with an
// auth_url is asked as OAuth and OpenID Connect have it, through StateOptions.HTTP:
// state, nonce and PKCE, the ID token signed by a key of certs_url for this client,
// no discovery. One without is played by the lookalike on a page that believes
// whatever it is told, and that Reticent clients are never shown; its type and id are
// in the identity, so rules cannot tell. State.QueueIdentity says who comes next.
// Claims that the document lists go into oidc_fields and, up to 1 KiB, into custom of
// the tokens; the claim "groups" into the groups.
//
// # Reasons
//
// Decision.Why says why a request is held. Request.Explain is told why a page of
// Access itself is an error: a wrong code and how many tries are left, an address
// that no policy admits, a sign-in of another browser. The pages say none of that
// but whom the policies admit; Request.Reticent leaves that out, too, for clients
// who are strangers.
//
// # Bounds
//
// A State keeps at most 16384 logins under way, 32 MiB of them, and as many
// returns to an application, 65536 sessions, the age of 65536 tokens, 65536
// people, 4096 counters of mails and of wrong codes each, 1024 mails and 4096
// verified tokens; the oldest makes room, but no counter that is not empty. A PIN
// lives ten minutes and works once, in the browser that asked for it; five wrong
// ones end its login, and after 20 within ten minutes no code for the address is
// looked at for a while. Ten minutes after its PIN a login is forgotten. An
// address may ask for 20 PINs at once and then for one a second. Forms may take
// ten seconds and 64 KiB. Tokens above 16 KiB are not looked at, nor paths above
// 8 KiB that can be read in several ways.
//
// # Limitations
//
// Identity providers of types other than onetimepin, oidc, github, google and
// google-apps, SCIM, managed OAuth, temporary authentication, mTLS certificates,
// refresh-identity and the App Launcher are refused by name.
// The groups of Google are those of a claim "groups"; its directory is not asked. No
// document names the issuer of an OpenID provider, so iss is any URL, but of Google.
// eager_redirect_cookie_setting leads over a host in three redirects, by the team
// domain, so that nobody is signed in by another's link. Rules of
// certificates match what Client.Certificate says. The 8 characters that check a
// secret are not looked at. The answer of a simple OPTIONS request is that of a
// preflight. A login that does not carry a fresh meta
// token goes through the application's host once more. Revocation is immediate.
package accessemu
