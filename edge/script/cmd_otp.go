package script

import (
	"flag"
	"fmt"
)

const otpUsage = `[!] otp [-wrong] [-nonce NONCE] [-env VAR] EMAIL`

// cmdOTP prints the newest PIN that was mailed to an address and still works.
func cmdOTP(c *call) {
	var variable, nonce string
	var wrong bool
	c.flags(1, 1, func(fs *flag.FlagSet) {
		fs.StringVar(&variable, "env", "", "")
		fs.StringVar(&nonce, "nonce", "", "")
		fs.BoolVar(&wrong, "wrong", false, "")
	})
	code, ok := c.running().Access().OTP(c.args[0], nonce)
	switch {
	case ok && c.neg:
		c.fail("a PIN was mailed to %s, and none was expected", c.args[0])
	case c.neg:
		return
	case !ok:
		c.fail("no PIN that still works was mailed to %s; an address that no policy allows gets no mail", c.args[0])
	}
	if wrong {
		code = code[:len(code)-1] + string('0'+(code[len(code)-1]-'0'+1)%10)
	}
	if variable != "" {
		c.ts.Setenv(variable, code)
	}
	fmt.Fprintln(c.ts.Stdout(), code)
}
