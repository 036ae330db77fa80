package main

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/sundog-edge/sundog/accessemu"
)

// hostileWords are legal in addresses or in paths of URLs, and what a shell would run.
var hostileWords = []string{
	"a`id`|b&c'$x@example.com", "https://app.example.com/a;touch$(id)&'x", "$HOME", "a b", "*", "~", "!x", "#x", "{a,b}", "<a>", "", `\`, "ü\u2019x@example.com",
}

func TestQuotedIsOneWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no sh that lines are quoted for")
	}
	for _, word := range append(hostileWords, "alice@example.com", "/a/b-c_d.pem") {
		out, err := exec.Command(sh, "-c", "printf '%s\\n' "+quoted(word)).Output()
		if err != nil || string(out) != word+"\n" {
			t.Errorf("%q: the shell reads %q: %v", word, out, err)
		}
	}
	for _, plain := range []string{"alice@example.com", "https://app.example.com/", "/run/ca.pem", "grüße@example.com"} {
		if quoted(plain) != plain {
			t.Errorf("%q needs no quotes", plain)
		}
	}
}

// Whoever reaches the login page chooses the address in the line that offers the command for its PIN.
func TestShellCommandInAnAddressIsNotOffered(t *testing.T) {
	var out bytes.Buffer
	newNotices(&out, "").mail("sundog", accessemu.Mail{To: "a`touch$ifs/tmp/x`@example.com", Code: "123456"})
	if want := "(sundog otp 'a`touch$ifs/tmp/x`@example.com')\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q, want it to end in %q", &out, want)
	}
}
