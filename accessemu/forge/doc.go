// Package forge has the tokens that an Access check must not believe, as values: the
// public checklists of attacks on JWTs, and what is special to Access. Each has a name,
// says what it is, what a sound validator does with it and how to mend one that believes
// it, and is made from a genuine token by changing one thing:
//
//	for _, f := range forge.All() {
//		forged, err := f.Make(material)
//		…
//		forged.Put(request)
//	}
//
// Package accesstest has the material at hand and ranges over them in a table test; the
// command "sundog attack" sends them to an origin that runs.
//
// # Kinds
//
// Most forgeries are to be refused whatever else the request holds (Refuse). Some come
// beside a genuine token and name somebody else (Believe): a sound origin refuses the
// request, or answers it as that of the genuine token's person.
//
// # What they take
//
// Not every forgery is in everybody's reach, and Forgery.Takes says what an attacker must
// have. Those signed with the account's own key nobody can make: what they try is whether
// the validator looks at the claim at all, since the day will come on which the account
// signs such a token for a good reason, as it does for every other application and for
// every token that is old.
//
// # What is not here
//
// A service token is no forgery. It names a program by common_name and has no e-mail
// address; whether a program may do what a person may is for the origin to say. Tokens of
// the previous key are genuine for seven days after a rotation. A jku, x5u or issuer of
// another host leads to AttackerHost or AttackerIssuer, names that nobody can own; only
// where somebody answers for them, as accesstest does, is a validator found out that asks
// them.
package forge
