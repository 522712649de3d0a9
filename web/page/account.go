package page

import (
	"ribble/web/layout"
	"ribble/web/ui"
)

// LocalSignInProps are the properties of [LocalSignIn]; its controls are named "login" and "passphrase".
type LocalSignInProps struct {
	layout.Props
	URL    string
	Fields []ui.Field
	Login  string
	// Problem says what went wrong; empty when nothing did.
	Problem string
	// Passkey signs in without a passphrase; nil where there are none.
	Passkey *PasskeyForm
	// Back leads to the other ways to sign in.
	Back ui.Action
}

// PasskeyForm asks the browser for a passkey and posts its answer as "answer". It shows itself only where a script runs and the page's host is the one
// that passkeys belong to.
type PasskeyForm struct {
	URL string
	// Do is "create" or "get".
	Do string
	// Options are the browser's options, in JSON; Host is the name that passkeys are bound to.
	Options, Host string
	Text, Hint    string
	Secondary     bool
}

// SecondStepProps are the properties of [SecondStep]; its controls are named "code" and "recovery".
type SecondStepProps struct {
	layout.Props
	// Name is the user's.
	Name string
	// CodeURL takes the code of an authenticator; empty for an account without one.
	CodeURL, CodeProblem string
	Passkey              *PasskeyForm
	// RecoveryURL takes a recovery code; empty when there are none left.
	RecoveryURL, RecoveryProblem string
	Problem                      string
	Back                         ui.Action
}

// PassphraseProps are the properties of [Welcome] and [ChangePassphrase]; the controls are named "passphrase", "again" and, to change one, "present".
type PassphraseProps struct {
	layout.Props
	// Facts say whose account it is.
	Facts                   []ui.Pair
	URL, Login              string
	Problem, PresentProblem string
	// Asks for the present passphrase too.
	Change bool
}

// FirstFactorProps are the properties of [FirstFactor] and [NewAuthenticator]; the control is named "code".
type FirstFactorProps struct {
	layout.Props
	Passkey *PasskeyForm
	// Picture is the address of the picture with the secret; Secret the same as text, in groups of four.
	Picture, Secret string
	URL             string
	// CodeProblem is about the code, Problem about the rest of the page.
	CodeProblem, Problem string
	Back                 *ui.Action
}

// RecoveryCodesProps are the properties of [RecoveryCodes].
type RecoveryCodesProps struct {
	layout.Props
	Codes []string
	Next  ui.Action
}

// AccountProps are the properties of [Account].
type AccountProps struct {
	layout.Props
	Notices []ui.NoteProps
	Facts   []ui.Pair
	Factors []FactorRow
	// Passkey adds one; nil where there are none.
	Passkey *PasskeyForm
	// Codes says how many recovery codes are left.
	Codes string
	// Actions of the account: another authenticator app, new recovery codes, another passphrase.
	AddAuthenticator, NewCodes, ChangePassphrase ui.Action
}

// FactorRow is one second factor of the user.
type FactorRow struct {
	Name, Added, Used string
	// Remove is nil for the last one.
	Remove *ui.Action
}
