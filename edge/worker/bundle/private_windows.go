package bundle

import "os"

// private says that a file is this user's: what lies in a user's profile is, and modes say nothing.
func private(os.FileInfo) bool { return true }
