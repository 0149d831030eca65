"""The parts of a generated Go file, as gofmt writes them: what finds variables, and reads plain texts."""

VALUES = r"""
const hidden = "[hidden]"


// Secret is a value that is never shown: Reveal returns it.
type Secret[T any] struct {
	read func() T
}

func newSecret[T any](value T) Secret[T] {
	return Secret[T]{func() T { return value }}
}

// Reveal returns the value itself.
func (secret Secret[T]) Reveal() T {
	if secret.read == nil {
		var none T
		return none
	}
	return secret.read()
}

// Format writes that the value is hidden, whatever the verb.
func (secret Secret[T]) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(hidden)) }

// String returns that the value is hidden.
func (secret Secret[T]) String() string { return hidden }

// GoString returns that the value is hidden.
func (secret Secret[T]) GoString() string { return hidden }

// MarshalText returns that the value is hidden.
func (secret Secret[T]) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// GobEncode returns an error: a secret is not written.
func (secret Secret[T]) GobEncode() ([]byte, error) {
	return nil, fmt.Errorf("a secret is not written")
}


// Error names each variable that is wrong, and shows no value.
type Error struct {
	Faults []string
}

func (err *Error) Error() string {
	return "the environment is not as its schema says:\n  " + strings.Join(err.Faults, "\n  ")
}


type invalid struct {
	reason string
	place  string
}


type reader[V, T any] func(value V) (T, *invalid)


type variables struct {
	lookup func(string) (string, bool)
	faults []string
}

func (all *variables) text(name string, ignoresEmpty bool) (string, bool) {
	text, found := all.lookup(name)
	if found && !utf8.ValidString(text) {
		all.faults = append(all.faults, name+" is not UTF-8")
	}
	return text, found && !(ignoresEmpty && text == "")
}


func read[T any](all *variables, name string, text string, as reader[string, T]) T {
	value, fault := as(text)
	if fault != nil {
		all.faults = append(all.faults, name+fault.place+" "+fault.reason)
	}
	return value
}


func required[T any](all *variables, name string, as reader[string, T], ignoresEmpty bool) T {
	text, found := all.text(name, ignoresEmpty)
	if !found {
		all.faults = append(all.faults, name+" is not set")
		var none T
		return none
	}
	return read(all, name, text, as)
}


func otherwise[T any](all *variables, name string, as reader[string, T], ignoresEmpty bool, value T) T {
	if text, found := all.text(name, ignoresEmpty); found {
		return read(all, name, text, as)
	}
	return value
}


func optional[T any](all *variables, name string, as reader[string, T], ignoresEmpty bool) *T {
	text, found := all.text(name, ignoresEmpty)
	if !found {
		return nil
	}
	value := read(all, name, text, as)
	return &value
}


func asText(least int, most int, patterns ...string) reader[string, string] {
	return func(text string) (string, *invalid) {
		length := utf8.RuneCountInString(text)
		if length < least {
			return "", &invalid{reason: fmt.Sprintf("is shorter than %d characters", least)}
		}
		if most >= 0 && length > most {
			return "", &invalid{reason: fmt.Sprintf("is longer than %d characters", most)}
		}
		for _, pattern := range patterns {
			if !regexp.MustCompile(pattern).MatchString(text) {
				return "", &invalid{reason: "doesn't match its pattern"}
			}
		}
		return text, nil
	}
}


type bounds struct {
	least, most, multiple *int64
	choices               []int64
}

func (within bounds) check(value int64) (int64, *invalid) {
	if within.least != nil && value < *within.least {
		return 0, &invalid{reason: fmt.Sprintf("is less than %d", *within.least)}
	}
	if within.most != nil && value > *within.most {
		return 0, &invalid{reason: fmt.Sprintf("is more than %d", *within.most)}
	}
	if within.multiple != nil && value%*within.multiple != 0 {
		return 0, &invalid{reason: fmt.Sprintf("is not a multiple of %d", *within.multiple)}
	}
	for _, each := range within.choices {
		if each == value {
			return value, nil
		}
	}
	if len(within.choices) > 0 {
		return 0, &invalid{reason: "is none of the allowed values"}
	}
	return value, nil
}


func integer(number int64) *int64 { return &number }


var integerForm = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)$`)


func asInteger(within bounds) reader[string, int64] {
	return func(text string) (int64, *invalid) {
		if !integerForm.MatchString(text) {
			return 0, &invalid{reason: "is not an integer, written as digits alone"}
		}
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, &invalid{reason: "is beyond what 64 bits hold"}
		}
		return within.check(value)
	}
}


type limits struct {
	least, most, above, below *float64
	finite                    bool
}

func (within limits) check(value float64) (float64, *invalid) {
	if within.finite && (math.IsInf(value, 0) || math.IsNaN(value)) {
		return 0, &invalid{reason: "is not a finite number"}
	}
	if within.least != nil && !(value >= *within.least) || within.above != nil && !(value > *within.above) {
		return 0, &invalid{reason: "is too small"}
	}
	if within.most != nil && !(value <= *within.most) || within.below != nil && !(value < *within.below) {
		return 0, &invalid{reason: "is too large"}
	}
	return value, nil
}


func number(value float64) *float64 { return &value }


var numberForm = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?$`)


func asNumber(within limits) reader[string, float64] {
	return func(text string) (float64, *invalid) {
		if !numberForm.MatchString(text) {
			return 0, &invalid{reason: "is not a number"}
		}
		value, _ := strconv.ParseFloat(text, 64) // infinite for one that is too large
		return within.check(value)
	}
}


func asBoolean(text string) (bool, *invalid) {
	switch strings.ToLower(text) {
	case "1", "t", "true", "y", "yes", "on":
		return true, nil
	case "0", "f", "false", "n", "no", "off":
		return false, nil
	}
	return false, &invalid{reason: "is not a boolean, such as `true` or `false`"}
}


func asChoice(texts ...string) reader[string, string] {
	return func(text string) (string, *invalid) {
		for _, each := range texts {
			if each == text {
				return text, nil
			}
		}
		return "", &invalid{reason: "is none of the allowed values"}
	}
}
"""
