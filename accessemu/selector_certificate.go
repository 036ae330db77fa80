package accessemu

// CertificateRule admits a client that has shown a certificate which the edge
// verified.
type CertificateRule struct{}

func (CertificateRule) compile(string, *faults) matcher { return certificateMatcher{} }

type certificateMatcher struct{}

func (certificateMatcher) match(s subject) bool { return s.cert != nil }
func (certificateMatcher) say() string          { return "a client with a certificate" }
