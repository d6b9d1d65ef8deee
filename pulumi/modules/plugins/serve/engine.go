package serve

import (
	"io"
	"os"
)

// EndWithEngine ends this process when the engine is gone, also when that was killed: the engine holds the other end
// of standard input. Without it a plugin of a killed engine waits for calls that nobody makes.
func EndWithEngine() {
	stat, err := os.Stdin.Stat()
	if err != nil || stat.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}
