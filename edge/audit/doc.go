// Package audit says of every way into a world what it reaches and who may enter, and what of that is
// probably a mistake.
//
// It knows nothing of edges. [Run] takes the entrypoints as values, and a function that decides about
// one principal at one of them, and asks that function about everybody of interest: somebody without a
// credential, somebody who can log in and whom nobody has named, whom the policies name, every service
// token, every forgery. So whatever answers requests also answers the audit, and nothing is worked out
// twice.
//
// What fails:
//
//   - [UnprotectedSibling]: anyone enters without a login, and reaches what another host asks a login
//     for: the same Worker by workers.dev or a Preview URL, the same service of a tunnel by another host.
//   - [Bypass]: a policy lets everybody, or some, enter without a login.
//   - [IgnoredAccess]: the tunnel's configuration asks for tokens where cloudflared does not look.
//   - [ForgedCredential]: a credential that nobody was given is believed.
//   - [AcceptUnused], [AcceptIncomplete]: an entry of audit.accept that accepts nothing, or says no reason or no date.
//
// The first three can be accepted, for a reason and until a date. A host that is public, and reaches
// nothing that is protected elsewhere, is listed and fails nothing.
package audit
