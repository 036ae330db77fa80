package run

import (
	"context"
	"net/http"
	"strconv"

	"github.com/sundog-edge/sundog/edge/admin"
)

// Faults are what goes wrong on purpose.
func (c *Client) Faults(ctx context.Context) (list []admin.Fault, err error) {
	return list, c.get(ctx, "/v1/faults", nil, &list)
}

// AddFault makes something go wrong.
func (c *Client) AddFault(ctx context.Context, f admin.Fault) (made admin.Fault, err error) {
	return made, c.post(ctx, "/v1/faults", f, &made)
}

// EndFaults ends one fault, or all when id is 0, and says how many there were.
func (c *Client) EndFaults(ctx context.Context, id int) (int, error) {
	path := "/v1/faults"
	if id > 0 {
		path += "/" + strconv.Itoa(id)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.URL+path, nil)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Ended int `json:"ended"`
	}
	err = c.do(r, &answer)
	return answer.Ended, err
}
