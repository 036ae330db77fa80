package line

import "net"

// eofIsFinal: a connection that ends without a word may have been closed while it waited for a request.
const eofIsFinal = false

func staleness(net.Conn) func() bool { return func() bool { return false } }
