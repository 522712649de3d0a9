package spawn_test

import (
	"os/exec"
	"runtime"
	"testing"

	"ribble/internal/spawn"
)

// A goroutine that ends while it holds its thread takes the thread with it: the child must not notice.
func TestChildOutlivesTheThreadOfWhoStartedIt(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var done <-chan struct{}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		runtime.LockOSThread()
		done, err = spawn.Start(cmd)
	}()
	<-gone
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := in.Write([]byte("x")); err != nil {
			t.Fatalf("the child is gone: %v", err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatalf("the child is gone: %v", err)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	if !cmd.ProcessState.Success() {
		t.Errorf("the child ended with %s", cmd.ProcessState)
	}
}

func TestProgramThatIsNotThere(t *testing.T) {
	done, err := spawn.Start(exec.Command("/nowhere/at/all"))
	if err == nil {
		t.Error("a program that is not there was started")
	}
	<-done
}
