//go:build !unix

package readme

import "syscall"

func ownGroup() *syscall.SysProcAttr { return nil }

func signalGroup(int, syscall.Signal) {}
