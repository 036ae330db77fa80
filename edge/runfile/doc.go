// Package runfile is how commands find a running edge. An edge that is up
// writes a [Run] into the user's runtime directory, readable by this user
// alone, because it holds the admin token. A command looks for the run of the
// world it stands in ([Store.Find]) or of an address it was given
// ([Store.FindByAddress]). A run whose process is dead or whose address
// refuses connections is removed on the way.
//
// [WriteReady] writes the file of --ready-file, for scripts that wait.
package runfile
