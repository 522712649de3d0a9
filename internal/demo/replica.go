package demo

import (
	"context"
	"fmt"
	"io"
	"net"

	"ribble/internal/app"
	"ribble/internal/health"
)

// Replica starts another portal on the same database, region and keys, as a second machine behind a load balancer would be, and gives its
// address. It ends with the demo.
func (d *Demo) Replica(ctx context.Context) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening for a replica: %w", err)
	}
	a, err := app.New(ctx, d.config, d.logs)
	if err != nil {
		_ = listener.Close()
		return "", fmt.Errorf("making a replica: %w", err)
	}
	serving, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Serve(serving, listener) // what goes wrong, whoever asks it sees
	}()
	d.replicas = append(d.replicas, func() { cancel(); <-done; a.Close() })
	return "http://" + listener.Addr().String(), nil
}

// CheckSource runs `ribble source` with the settings of this demo.
func (d *Demo) CheckSource(ctx context.Context, args []string, out io.Writer) error {
	return app.Source(ctx, d.config, args, out)
}

// Health is how the sources have served of late.
func (d *Demo) Health() *health.Monitor { return d.app.Health() }
