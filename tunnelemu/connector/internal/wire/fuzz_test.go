package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

var silent = slog.New(slog.DiscardHandler)

// recorded is what a real connector sent over QUIC.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "recorded", name+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tape is a stream whose peer says what is on it and then ends.
type tape struct {
	io.Reader
	written bytes.Buffer
}

func (t *tape) Write(p []byte) (int, error) { return t.written.Write(p) }
func (t *tape) Close() error                { return nil }

// registrar admits everybody and keeps what it heard.
type registrar struct {
	registrations chan Registration
	reports       chan []byte
	unregistered  chan struct{}
}

func newRegistrar() *registrar {
	return &registrar{make(chan Registration, 99), make(chan []byte, 99), make(chan struct{}, 99)}
}

func (r *registrar) Register(_ context.Context, in Registration) (Details, error) {
	r.registrations <- in
	return Details{ID: ID{1}, Location: "lcl01"}, nil
}

func (r *registrar) Unregister(context.Context) error {
	r.unregistered <- struct{}{}
	return nil
}

func (r *registrar) Report(_ context.Context, config []byte) error {
	r.reports <- config
	return nil
}

// What a real connector said on its control stream is understood, from the first byte to the goodbye.
func TestRecordedControl(t *testing.T) {
	r := newRegistrar()
	c := ServeControl(&tape{Reader: bytes.NewReader(recorded(t, "control-with-report"))}, r, silent)
	<-c.Done()
	if err := c.Err(); err != nil {
		t.Error(err)
	}
	in := <-r.registrations
	if in.AccountTag != "0123456789abcdef0123456789abcdef" || len(in.Secret) != 32 || in.Index != 0 || len(in.Features) != 5 || in.Arch != "linux_amd64" || !in.LocalIP.IsLoopback() {
		t.Errorf("%+v", in)
	}
	if report := <-r.reports; !bytes.Contains(report, []byte("app.example.com")) {
		t.Errorf("%s", report)
	}
	<-r.unregistered
	c.Close()
}

// FuzzControl feeds bytes to the edge's side of a control stream. Whatever they are, it ends.
func FuzzControl(f *testing.F) {
	for _, name := range []string{"control", "control-with-report", "configuration-applied"} {
		f.Add(recorded(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &registrar{make(chan Registration, 1<<10), make(chan []byte, 1<<10), make(chan struct{}, 1<<10)}
		if len(b) > 16<<10 {
			return
		}
		c := ServeControl(&tape{Reader: bytes.NewReader(b)}, r, silent)
		<-c.Done()
		c.Close()
	})
}

// FuzzUpdateConfiguration feeds bytes to the edge as a connector's answer to a configuration.
func FuzzUpdateConfiguration(f *testing.F) {
	for _, name := range []string{"configuration-applied", "configuration-rejected", "control"} {
		f.Add(recorded(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, err := UpdateConfiguration(ctx, &tape{Reader: bytes.NewReader(b)}, 1, []byte("{}"), silent)
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error("it does not end")
		}
	})
}

// FuzzReadConnectRequest reads what it wrote.
func FuzzReadConnectRequest(f *testing.F) {
	var b bytes.Buffer
	_ = WriteConnectRequest(&b, &ConnectRequest{Dest: "http://a/b?c", Type: ConnectWebSocket, Metadata: []Metadata{{"HttpMethod", "GET"}, {"HttpHeader:A", ""}}})
	f.Add(b.Bytes()[signatureLen+versionLen:])
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		c, err := ReadConnectRequest(in)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteConnectRequest(&again, c); err != nil {
			t.Fatal(err)
		}
		if kind, err := ReadKind(&again); kind != KindRequest || err != nil {
			t.Fatal(kind, err)
		}
		got, err := ReadConnectRequest(&again)
		if err != nil || !reflect.DeepEqual(c, got) || again.Len() > 0 {
			t.Errorf("%+v became %+v %v", c, got, err)
		}
	})
}

// FuzzReadConnectResponse reads what a connector answers, signature and all.
func FuzzReadConnectResponse(f *testing.F) {
	f.Add(recorded(f, "response"))
	var b bytes.Buffer
	_ = WriteConnectResponse(&b, &ConnectResponse{Error: "no", Metadata: []Metadata{{KeyRateLimited, "true"}}})
	f.Add(b.Bytes()[signatureLen+versionLen:])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadConnectResponse(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteConnectResponse(&again, c); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKind(&again); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadConnectResponse(&again); err != nil || !reflect.DeepEqual(c, got) {
			t.Errorf("%+v became %+v %v", c, got, err)
		}
	})
}

func FuzzReadKind(f *testing.F) {
	f.Add([]byte(requestHead))
	f.Add([]byte(rpcHead))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := ReadKind(bytes.NewReader(b))
		known := bytes.HasPrefix(b, []byte(rpcHead)) || bytes.HasPrefix(b, []byte(requestHead[:signatureLen])) && len(b) >= signatureLen+versionLen
		if known != (err == nil) || known != (kind != KindUnknown && err == nil) {
			t.Errorf("% x: %v %v", b, kind, err)
		}
	})
}

// FuzzParseHeaders reads what it wrote.
func FuzzParseHeaders(f *testing.F) {
	f.Add("")
	f.Add("Q29udGVudC1UeXBl:dGV4dC9wbGFpbjsgY2hhcnNldD11dGYtOA;U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y")
	f.Add("QQ:;QQ")
	f.Fuzz(func(t *testing.T, s string) {
		h := http.Header{}
		if ParseHeaders(h, s) != nil {
			return
		}
		again := http.Header{}
		if err := ParseHeaders(again, FormatHeaders(h)); err != nil || !reflect.DeepEqual(h, again) {
			t.Errorf("%v became %v %v", h, again, err)
		}
	})
}

func FuzzParseMeta(f *testing.F) {
	for _, s := range []string{"", `{"src":"origin"}`, `{"src":"cloudflared"}`, `{"src":"cloudflared","flow_rate_limited":true}`, "{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if m := ParseMeta(s); m.Source == "" {
			t.Errorf("%+v", m)
		}
	})
}

func FuzzParseApplied(f *testing.F) {
	for _, s := range []string{`{"lastAppliedVersion":1,"err":null}`, `{"lastAppliedVersion":-1,"err":{}}`, `{"lastAppliedVersion":1,"err":"x"}`, `{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ParseApplied(b); err == nil && bytes.Contains(b, []byte(`"err":{}`)) && len(b) < 40 && a.Err == "" {
			t.Errorf("%s: %+v", b, a)
		}
	})
}
