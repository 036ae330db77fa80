// Package script runs scenarios: small text files that tell a story about an edge and
// are tests and documentation at once. They are scripts of testscript (see
// github.com/rogpeppe/go-internal/testscript for the language: # headings, !,
// [condition], cmp, stdout, env, exec, and files behind -- NAME -- lines) with the
// commands below.
//
//	# People have to log in ...
//	origin api http://localhost:8080
//	edge .
//	fetch https://myservice.example.com/
//	stdout '^302 Found$'
//	login alice@example.com https://myservice.example.com/
//	origin api saw Cf-Access-Authenticated-User-Email alice@example.com
//
//	# ... and other backends do not.
//	fetch -jar none https://myservice-internal.example.com/health
//	stdout '^200 OK$'
//
//	-- sundog.yaml --
//	...
//
// In a Go test, Run("scripts/*.txtar") runs each as a subtest. Nothing in a script
// sleeps, and nothing needs a network, an account or a browser. Edges are in process,
// and so are origins, unless told otherwise. What a script leaves running ends with it.
// A script that fails prints what its edge decided about every request it saw.
//
// # Commands
//
//	appears FILE PATTERN
//
// Waits until what a program in the background writes into a file matches a regular
// expression, and prints the line; the next time it looks behind that line. In the pattern
// ^ and $ are those of a line.
//
//	clock +DURATION
//
// The edge's clock moves forward: clock +24h, clock +3d. With "edge -listen" what was granted
// (sessions, PINs, tokens) grows that much older instead, and new claims carry the
// system's time, as with "sundog clock", since real clients look at certificates.
//
//	dns [-at SERVER] [-why] NAME [TYPE]
//	dns -log [NAME]
//
// Asks the world's name server for a record, of type A when none is named. Prints the
// code and the flags (aa, ra, tc), then one record a line; those of the authority
// section begin with "authority". -at asks another server: 1.1.1.1 is the public
// resolver, system the resolver of a machine, which keeps what it was told until the
// clock has moved on. -why adds lines that begin with "record", "where", "why" and
// "mend". -log prints what was asked, of one name or of all, the oldest first: name,
// type, code, role, transport, outcome.
//
//	edge [-listen] DIR|FILE
//	edge -reload DIR|FILE
//
// Starts the script's edge with the world of a folder or file, and prints its
// entrypoints and findings, and what is wrong with its Workers; it returns when those
// run. A script has one edge; -reload gives it another world, and sessions live on. With ! the world must not compile, and its errors are on stderr.
// ${NAME} in sundog.yaml is the script's variable. With -listen the edge is on free
// ports, fetch comes through its proxy as real clients do, $HTTPS, $PROXY, $DNS and
// $ADMIN are its addresses, $CA is its certificate, and exec runs programs in the
// environment that "sundog exec" gives them.
//
//	explain [-X METHOD] [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL
//
// Prints what the edge would decide about a request, hop by hop, and sends nothing. The
// flags are those of fetch.
//
//	fetch [-X METHOD] [-H 'NAME: VALUE']... [-d BODY] [-L] [-raw] [-first N] [-jar NAME] [-client NAME] URL
//
// Asks the edge and prints the answer: "200 OK", the headers sorted by name, an empty
// line, the body. What differs from run to run is replaced: <ray>, <date>, <jwt>,
// <nonce>, <state>, <cookie>; -raw leaves it. Names of files are relative to the
// world's folder. -L follows redirects and prints where each leads. -d is a form by
// POST. Cookies stay in the script's jar, or in the one that -jar names; "-jar none"
// sends and keeps none. -client is the entry of clients: that the request comes from.
// -first reads that many lines of the body and leaves, so that they must come while the
// answer still goes on. With ! there must be no answer at all.
//
//	grpc [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL MESSAGE...
//
// Makes a gRPC call with these messages, each sent when the one before was answered;
// one message is a unary call. Prints the answers, a line each, and last
// "grpc-status: 0", or what came; "missing" when no trailer said it.
//
//	idp next [-name NAME] [-groups A,B] [-claims JSON] [-amr A,B] [-country XX] EMAIL
//	idp next -error CODE [-description TEXT]
//
// Queues what the identity provider that the lookalike plays answers to the next browser
// that comes to it: who signs in, of people: what the world says where no flag says it,
// or an error, as access_denied.
//
//	login [-jar NAME] [-client NAME] EMAIL URL
//	login -click [-jar NAME] [-client NAME] EMAIL URL
//	login -idp NAME [-jar NAME] [-client NAME] EMAIL URL
//	login -ask [-nonce VAR] [-jar NAME] [-client NAME] EMAIL URL
//	login -resend [-jar NAME] [-client NAME]
//	login -pin PIN [-jar NAME] [-client NAME]
//
// Goes through the login pages as a person does, and there is no other way in: it opens
// the URL, types the address, types the PIN that was mailed, and prints the text of the
// page behind the login. -click types nothing: it picks the person from the list on the
// login page, and takes the PIN that the next page has filled in. -idp follows the link
// to an identity provider, and tells the lookalike's own page who it is, if the queue of
// idp does not; a provider elsewhere must lead back by itself. -ask stops where the
// PIN is to be typed, and prints that page; -nonce puts the parameter of that name, which
// tells one login from another, into a variable. -pin types a PIN there, any number of
// times, and -resend asks for another one. With ! the login must fail, and stderr
// says which page it met and why the edge showed it.
//
//	origin [-status N] [-body TEXT] [-header 'NAME: VALUE']... [-line TEXT]... [-down] [-real] NAME ADDRESS
//	origin [-status N] [-body TEXT] [-header 'NAME: VALUE']... [-line TEXT]... [-down|-up] NAME
//	origin -log NAME
//	[!] origin NAME saw [HEADER [PATTERN]]
//
// Makes an origin at an address that the world names, in process: origin api
// http://localhost:8080. It answers 200 and what it received as text, or what the flags
// say; a WebSocket and a gRPC call get each message back. At an https:// address it has
// a certificate that nobody trusts, and HTTP/2. At tcp://, ssh://, rdp:// and smb:// it
// speaks bytes: first -body, then back what it gets. -line, which may be repeated, is a
// line of a body that has no end: the lines are sent one by one, and then the answer
// stays open until the client leaves. -down refuses connections, -up takes them again.
// -real opens a port too, for edges and programs of other processes; with the name api,
// $API is its URL. -log prints all requests. "saw" is about the newest request: that it
// has a header, whose value matches a regular expression; with ! that it has not. Host
// counts as a header. "! origin NAME saw" says that there was no request at all.
//
//	[!] otp [-wrong] [-nonce NONCE] [-env VAR] EMAIL
//
// Prints the newest PIN that was mailed to an address and still works; -env puts it
// into a variable; -nonce is about one login, as -ask has it; -wrong prints one that is certainly another. With ! none was mailed.
//
//	[!] websocket [-binary] [-H 'NAME: VALUE']... [-jar NAME] [-client NAME] URL MESSAGE...
//
// Opens a WebSocket, wss://HOST/PATH, and sends the messages as text or, with -binary, as
// bytes. Each is sent when the one before was answered, and the answers are printed, a
// line each. An empty message is not sent: the other side speaks first. With ! there
// must be none, and stderr has the status that came instead, and why.
//
//	why [RAY]
//
// Prints what the edge decided about a request that it saw: the newest, or the one of a
// ray.
//
// # Conditions
//
// Beside testscript's own ([linux], [exec:NAME], [short], ...) there is one for each
// real client:
//
//	[chromium]     $SUNDOG_CHROMIUM, or Chromium or Chrome on PATH
//	[cloudflare-npm]  the client of the REST API that npm installed here or above, with Node.js 22 or later
//	[cloudflared]  $SUNDOG_CLOUDFLARED, or cloudflared on PATH
//	[curl]         curl on PATH
//	[node]         Node.js on PATH
//	[node-proxy]   Node.js whose fetch obeys proxy variables: 22.21, 24.5 and later
//	[sundog]       $SUNDOG_BINARY, or sundog on PATH
//	[workerd]      $SUNDOG_WORKERD, or the one that npm installed here or above, or on PATH
//	[wrangler]     the one that npm installed here or above, with Node.js 22 or later
//
// A script says [!curl] skip 'needs curl'. Where SUNDOG_REQUIRE lists the name
// (SUNDOG_REQUIRE=curl,node, as in CI), an absent one is a failure instead.
//
// # Variables
//
// $WORK is the script's folder, and $SCRIPTDIR the one in which the script's file lies.
//
// # Golden files
//
// "cmp stdout want" compares with a file of the script. With the test's own flag
// -update, or Options.Update, what is becomes what is wanted.
//
// # Limitations
//
// A script has one edge. Cookies that a later
// clock has brought past their date are still sent, as by a client whose own clock
// stands still; the edge refuses them by itself.
package script
