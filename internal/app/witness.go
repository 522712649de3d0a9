package app

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/witness"
)

// ErrWitnessUsage says how `ribble witness` is used.
var ErrWitnessUsage = errors.New("usage: ribble witness key FILE NAME | ribble witness -dir DIR -key FILE -log PUB -listen ADDR [-tls-cert FILE -tls-key FILE]")

// Witness runs `ribble witness`: it makes the key of a witness, or serves as one until ctx ends. A witness belongs on another machine, with other
// administrators than the database's. Without a certificate it listens on loopback addresses only.
func Witness(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 3 && args[0] == "key" {
		return witnessKey(args[1], args[2], out)
	}
	flags := flag.NewFlagSet("ribble witness", flag.ContinueOnError)
	flags.SetOutput(out)
	dir := flags.String("dir", "", "folder of the witness's own, kept for ever")
	keyFile := flags.String("key", "", "its secret key")
	logFile := flags.String("log", "", "public keys of the ledgers it confirms (audit-checkpoint.key.pub)")
	listen := flags.String("listen", "", "address to listen on")
	certFile := flags.String("tls-cert", "", "certificate (PEM file); may be left out only on a loopback address")
	certKey := flags.String("tls-key", "", "its private key (PEM file)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || *keyFile == "" || *logFile == "" || *listen == "" || flags.NArg() > 0 {
		return ErrWitnessUsage
	}
	w, err := openWitness(*dir, *keyFile, *logFile)
	if err != nil {
		return err
	}
	listener, err := listenWitness(*listen, *certFile, *certKey)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	fmt.Fprintln(out, "READY", listener.Addr())
	return errors.Join(serveWitness(ctx, w, listener), w.Close())
}

func witnessKey(file, name string, out io.Writer) error {
	secret, public, err := checkpoint.NewWitnessKey(name)
	if err != nil {
		return err
	}
	if err := checkpoint.WriteKeyPair(file, secret, public); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, public)
	return err
}

func openWitness(dir, keyFile, logFile string) (*witness.Witness, error) {
	keys, err := checkpoint.ReadSigners(keyFile, time.Now)
	if err != nil {
		return nil, err
	}
	if len(keys.Signers) != 1 {
		return nil, errors.New("a witness signs with one key")
	}
	logs, err := checkpoint.ReadVerifiers(logFile)
	if err != nil {
		return nil, err
	}
	return witness.Open(dir, keys.Signers[0], logs)
}

func listenWitness(address, certFile, keyFile string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	ip := net.ParseIP(host)
	if certFile == "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("without -tls-cert the address must be a loopback one")
	}
	listener, err := net.Listen("tcp", address)
	if err != nil || certFile == "" {
		return listener, err
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading the certificate: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}), nil
}

func serveWitness(ctx context.Context, w *witness.Witness, listener net.Listener) error {
	s := server(w.Handler())
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if err := s.Shutdown(drain); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// DemoWitness is a witness in this process, over real HTTP and with files of its own in dir: for the demo. Settings are what the portal is told of it.
func DemoWitness(ctx context.Context, dir, logFile string) (settings string, end func(), err error) {
	keyFile := dir + "/witness.key"
	secret, public, err := checkpoint.NewWitnessKey("ribble/demo-witness")
	if err != nil {
		return "", nil, err
	}
	if err := checkpoint.WriteKeyPair(keyFile, secret, public); err != nil {
		return "", nil, err
	}
	w, err := openWitness(dir, keyFile, logFile)
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("listening for the witness: %w", err), w.Close())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = serveWitness(ctx, w, listener) // what goes wrong, whoever asks it sees
	}()
	text := fmt.Sprintf(`[{"url": "http://%s", "key": %q, "networks": ["127.0.0.0/8"]}]`, listener.Addr(), public)
	return text, func() { cancel(); <-done; _ = w.Close() }, nil
}
