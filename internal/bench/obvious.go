package bench

import ("io";"errors")

func ServeObvious(in io.Reader, out io.Writer) error {
	return serve(in, out, func(order) (reply, error) { return reply{}, errors.New("no") })
}
