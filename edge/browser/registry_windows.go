package browser

import "golang.org/x/sys/windows/registry"

// appPath reads where an installer has registered a program, for the user or for all.
func appPath(name string) string {
	for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		key, err := registry.OpenKey(root, `SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\`+name, registry.QUERY_VALUE)
		if err != nil {
			continue
		}
		path, _, err := key.GetStringValue("")
		key.Close()
		if err == nil && path != "" {
			return path
		}
	}
	return ""
}
