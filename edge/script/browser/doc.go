// Package browser is a browser without a screen: it keeps cookies, follows redirects,
// reads forms out of pages and sends them back. With it a test goes through login pages
// the way a person does, and there is no other way in.
//
// It knows the pages only by what they hold: a form with a field for an e-mail address,
// a form with a field for a code. Hidden fields and the form's action are sent as the
// page gives them.
package browser
