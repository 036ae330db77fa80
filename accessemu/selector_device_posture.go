package accessemu

import "slices"

// DevicePostureRule admits a client that passes a posture check. Nothing is
// looked at: a client passes what Client.Posture lists.
type DevicePostureRule struct {
	IntegrationUID string `json:"integration_uid"`
}

func (r DevicePostureRule) compile(field string, f *faults) matcher {
	if r.IntegrationUID == "" {
		f.add(join(field, "integration_uid"), `""`, "the id of a posture check", "")
		return nil
	}
	return postureMatcher(r.IntegrationUID)
}

type postureMatcher string

func (m postureMatcher) match(s subject) bool { return slices.Contains(s.posture, string(m)) }
func (m postureMatcher) say() string {
	return "a device that passes the posture check " + quote(string(m))
}
