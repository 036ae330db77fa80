//go:build unix

package workerd

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// readiness reads what the process says about its sockets.
type readiness struct{ pipe *os.File }

// prepare gives the process a descriptor to say that it listens on. It is in a group of its own: a ^C at the
// terminal is for the parent, which ends it in order.
func prepare(cmd *exec.Cmd, args *[]string) (*readiness, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{w}
	*args = append(*args, "--control-fd", strconv.Itoa(3))
	cmd.SysProcAttr = attributes()
	return &readiness{r}, nil
}

func (r *readiness) close() { r.pipe.Close() }

var errEnded = errors.New("ended before it listened")

// wait returns once all sockets listen, or when the process ended.
func (r *readiness) wait(sockets map[string]string, _ <-chan struct{}) error {
	defer r.pipe.Close()
	lines := bufio.NewScanner(r.pipe)
	for left := len(sockets); left > 0; {
		if !lines.Scan() {
			return errEnded
		}
		var event struct {
			Event string `json:"event"`
		}
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Event == "listen" {
			left--
		}
	}
	return nil
}

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
