// Package telemetry tells operators how the service does without being able to tell them about any person: a log that
// refuses unlisted attributes, readiness, and goroutines whose panics print no value.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"time"
)

// refused stands in a log line where a value was that the log may not carry.
const refused = "[refused]"

// textKeys are the attributes that may hold text. Each holds an id, a code or words that this program wrote itself: never
// a value from a record, a URL, a search term, or the text of an error that quotes its input.
var textKeys = map[string]bool{
	"request_id": true, "method": true, "route": true, "source": true, "organisation": true, "adapter": true,
	"state": true, "kind": true, "reason": true, "check": true, "component": true, "issuer": true, "session": true,
	"panic_type": true, "stack": true, "goroutine": true, "address": true, "setting": true, "version": true,
	"migration": true, "breaker": true, "section": true, "event": true, "error_type": true, "error_kind": true, "sqlstate": true,
	"file": true, "table": true, "role": true, "protocol": true, "feed": true, "provider": true,
}

// scalarKeys are the attributes that may hold a number, a truth value, a duration or a time. A number is listed too,
// because an NHS number is one.
var scalarKeys = map[string]bool{
	"status": true, "bytes": true, "duration": true, "count": true, "attempt": true, "sources": true, "limit": true,
	"sequence": true, "in_flight": true, "line": true, "ready": true, "expires": true, "retry_after": true, "port": true,
	"age": true, "pid": true,
}

// maxText bounds one text attribute; stacks are the longest.
const maxText = 16 << 10

// NewLogger makes the service's logger: JSON, one event a line, with only the attributes that the lists of this package
// allow. Anything else (an unlisted key, a struct, an error, a pointer) is written as "[refused]". Messages are not
// filtered: they must be constants, which a lint rule of slog ("sloglint: static-msg") holds.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(NewHandler(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})))
}

// NewHandler puts the filter in front of another handler.
func NewHandler(next slog.Handler) slog.Handler { return handler{next: next} }

type handler struct{ next slog.Handler }

func (h handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(clear(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = clear(a)
	}
	return handler{next: h.next.WithAttrs(clean)}
}

func (h handler) WithGroup(name string) slog.Handler {
	if !textKeys[name] {
		// A group name is text of the caller's choosing like any other.
		name = refused
	}
	return handler{next: h.next.WithGroup(name)}
}

// clear gives the attribute as it may be written. A LogValuer is not resolved: its code could print anything.
func clear(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		if textKeys[a.Key] {
			return slog.String(a.Key, shorten(a.Value.String()))
		}
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindTime, slog.KindUint64:
		if scalarKeys[a.Key] {
			return a
		}
	case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
	}
	if !textKeys[a.Key] && !scalarKeys[a.Key] {
		return slog.String(refused, refused)
	}
	return slog.String(a.Key, refused)
}

func shorten(s string) string {
	if len(s) > maxText {
		return s[:maxText] + "…"
	}
	return s
}

// Stack is the calling goroutine's stack without the values of any argument, as "function file:line" lines. Unlike
// debug.Stack it cannot carry a word of memory.
func Stack(skip int) string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip+2, pcs)])
	var out []byte
	for {
		f, more := frames.Next()
		out = append(out, f.Function...)
		out = append(out, ' ')
		out = append(out, f.File...)
		out = append(out, ':')
		out = strconv.AppendInt(out, int64(f.Line), 10)
		if !more {
			return string(out)
		}
		out = append(out, '\n')
	}
}

// Since is the whole milliseconds since start, as the log and the metrics count time.
func Since(start time.Time) slog.Attr {
	return slog.Int64("duration", time.Since(start).Milliseconds())
}
