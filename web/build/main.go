// Command build takes the few files Ribble serves out of the installed NHS design system: run by "make assets" after
// "npm ci" in the web folder.
//
//	go run ./web/build [-web web]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

func main() {
	web := flag.String("web", "web", "the folder that holds package.json and static")
	flag.Parse()
	if err := build(*web); err != nil {
		fmt.Fprintln(os.Stderr, "building the NHS assets:", err)
		os.Exit(1)
	}
}

var (
	// The font files live on a host of nhs.uk for its own sites and are licensed for those; Ribble is set in Arial.
	fontFace = regexp.MustCompile(`@font-face\s*\{[^}]*\}`)
	frutiger = regexp.MustCompile(`["']?Frutiger W01["']?\s*,\s*`)
	image    = regexp.MustCompile(`url\(["']?/assets/images/([a-z0-9-]+\.svg)["']?\)`)
	mapLink  = regexp.MustCompile(`(?m)/[/*][#@]\s*sourceMappingURL=\S+?(\s*\*/)?$`)
)

// build writes nhsuk.css, nhsuk.js and the images they name into static/nhsuk.
func build(web string) error {
	from := filepath.Join(web, "node_modules", "nhsuk-frontend", "dist", "nhsuk")
	to := filepath.Join(web, "static", "nhsuk")
	css, err := os.ReadFile(filepath.Join(from, "nhsuk-frontend.min.css"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nhsuk-frontend is not installed, run npm ci in %s first: %w", web, err)
	}
	if err != nil {
		return fmt.Errorf("reading the style sheet: %w", err)
	}
	for _, m := range image.FindAllSubmatch(css, -1) {
		name := string(m[1])
		if err := copyFile(filepath.Join(from, "assets", "images", name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	js, err := os.ReadFile(filepath.Join(from, "nhsuk-frontend.min.js"))
	if err != nil {
		return fmt.Errorf("reading the script: %w", err)
	}
	if err := write(filepath.Join(to, "nhsuk.css"), cleanCSS(css)); err != nil {
		return err
	}
	return write(filepath.Join(to, "nhsuk.js"), mapLink.ReplaceAll(js, nil))
}

// cleanCSS drops the web font and makes the addresses of images relative: the server puts its own in their place.
func cleanCSS(css []byte) []byte {
	css = fontFace.ReplaceAll(css, nil)
	css = frutiger.ReplaceAll(css, nil)
	css = image.ReplaceAll(css, []byte("url($1)"))
	return mapLink.ReplaceAll(css, nil)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("reading an image: %w", err)
	}
	return write(to, data)
}

func write(name string, data []byte) error {
	if err := os.WriteFile(name, data, 0o644); err != nil {
		return fmt.Errorf("writing an asset: %w", err)
	}
	return nil
}
