//go:build unix && !linux

package workerd

import "syscall"

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// openFiles does nothing: only Linux can change the limits of another process.
func openFiles(int) {}
