// Package run is an edge as a command runs it: a world read from files, on
// sockets, with the files beside it that other commands find it by.
//
// [Start] does all of it in one step, and [Session.Close] undoes it: listeners,
// edge, run file, ready file, certificates on disk. [Check] only reads and
// compiles. [Client] asks an edge that runs, or one in this process.
//
// For tests in Go, edgetest is the shorter way.
package run
