package world

import "github.com/sundog-edge/sundog/edge/mark"

// Mark is a place in a file.
type Mark = mark.Mark
