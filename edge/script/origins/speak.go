package origins

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"github.com/sundog-edge/sundog/edge/script/grpcframe"
)

// Speak is the origin for bytes: it sends the answer's body, if there is one, and then
// back what it gets.
func (e *Echo) Speak(conn net.Conn) {
	e.mu.Lock()
	body := e.answer.Body
	e.mu.Unlock()
	if body != nil {
		if _, err := io.WriteString(conn, *body); err != nil {
			return
		}
	}
	io.Copy(conn, conn)
}

// isWebSocket is a request that asks for one.
func isWebSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// webSocket sends each message back.
func webSocket(w http.ResponseWriter, r *http.Request) {
	// Any page may talk to it: it is the edge that is tested.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil || conn.Write(r.Context(), kind, message) != nil {
			return
		}
	}
}

func isGRPC(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// grpc sends each message of a call back as it comes, and ends with status 0. A call of
// one message is a unary one.
func grpc(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	control := http.NewResponseController(w)
	control.EnableFullDuplex()
	control.Flush()
	in := bufio.NewReader(r.Body)
	status := "0"
	for {
		message, err := grpcframe.Read(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			status = "13" // INTERNAL
			break
		}
		if grpcframe.Write(w, message) != nil {
			return
		}
		control.Flush()
	}
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
}

// lines writes a text line by line, each on its way before the next is written.
func lines(w http.ResponseWriter, text string) {
	control := http.NewResponseController(w)
	for line := range bytes.Lines([]byte(text)) {
		w.Write(line)
		control.Flush()
	}
}
