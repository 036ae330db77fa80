package world

import "github.com/sundog-edge/sundog/accessemu"

// personID is the address in the form in which addresses are compared; of a text
// that is no address, the text, so that two of them are told apart.
func personID(email string) string {
	if canonical, ok := accessemu.CanonicalEmail(email); ok {
		return canonical
	}
	return email
}
