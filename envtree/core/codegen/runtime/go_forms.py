"""The parts of a generated Go file that read URLs, durations and lists."""

FORMS = r"""
func isBlank(letter rune) bool {
	return unicode.IsSpace(letter) || letter >= 0x1c && letter <= 0x1f
}


var schemeForm = regexp.MustCompile("^[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):")


var portForm = regexp.MustCompile(`^0*[0-9]{1,5}$`)


type urlForm struct {
	schemes   []string
	needsHost bool
	several   bool
	most      int
}

func (form urlForm) check(text string) *invalid {
	found := schemeForm.FindStringSubmatch(text)
	if found == nil {
		return &invalid{reason: "is not a URL"}
	}
	scheme, rest := strings.ToLower(found[1]), text[len(found[0]):]
	if len(form.schemes) > 0 && !contains(form.schemes, scheme) {
		return &invalid{reason: "has the wrong URL scheme"}
	}
	special := contains([]string{"http", "https", "ws", "wss", "ftp"}, scheme)
	var authority string
	switch {
	case special:
		authority = until(strings.TrimLeft(rest, `/\`), `/\?#`)
	case strings.HasPrefix(rest, "//"):
		authority = until(rest[2:], "/?#")
	case form.needsHost:
		return &invalid{reason: "has no host"}
	default:
		return nil
	}
	if strings.Trim(authority, "@:") == "" {
		authority = ""
	}
	hosts := []string{until(authority[strings.LastIndex(authority, "@")+1:], `\`)}
	if form.several {
		hosts = strings.Split(hosts[0], ",")
	}
	for _, each := range hosts {
		host, port := each, ""
		if colon := strings.LastIndex(each, ":"); colon >= 0 && !strings.Contains(each[colon:], "]") {
			host, port = each[:colon], each[colon+1:]
		}
		if host == "" && (authority != "" || special || form.needsHost) {
			return &invalid{reason: "has no host"}
		}
		if port != "" {
			if value, err := strconv.Atoi(port); err != nil || value > 65535 || !portForm.MatchString(port) {
				return &invalid{reason: "has a port that is none"}
			}
		}
	}
	return nil
}


func asURL(form urlForm) reader[string, string] {
	return func(text string) (string, *invalid) {
		if strings.IndexFunc(text, isBlank) >= 0 {
			return "", &invalid{reason: "has a blank in it, and a URL has none"}
		}
		if form.most > 0 && len(text) > form.most {
			return "", &invalid{reason: fmt.Sprintf("is longer than %d bytes", form.most)}
		}
		return text, form.check(text)
	}
}


func contains(texts []string, text string) bool {
	for _, each := range texts {
		if each == text {
			return true
		}
	}
	return false
}


func until(text string, letters string) string {
	if end := strings.IndexAny(text, letters); end >= 0 {
		return text[:end]
	}
	return text
}


var durationForm = regexp.MustCompile(`^(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$`)


var durationPart = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,14})$`)


func asDuration(text string) (time.Duration, *invalid) {
	found := durationForm.FindStringSubmatch(text)
	if text == "" || found == nil {
		return 0, &invalid{reason: "is not a duration, such as `1m30s`"}
	}
	units := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second, time.Millisecond}
	var total time.Duration
	for index, unit := range units {
		part := found[index+1]
		if part == "" {
			continue
		}
		value, err := strconv.ParseInt(part, 10, 64)
		if err != nil || !durationPart.MatchString(part) {
			return 0, &invalid{reason: "is not a duration, such as `1m30s`"}
		}
		if value > int64((math.MaxInt64-total)/unit) {
			return 0, &invalid{reason: "is too long a duration"}
		}
		total += time.Duration(value) * unit
	}
	return total, nil
}


func asEither(options ...reader[string, string]) reader[string, string] {
	return func(text string) (string, *invalid) {
		for _, option := range options {
			if value, fault := option(text); fault == nil {
				return value, nil
			}
		}
		return "", &invalid{reason: "fits none of its types"}
	}
}


func asItems[T any](item reader[string, T], least int, most int) reader[string, []T] {
	return func(text string) ([]T, *invalid) {
		if text == "" {
			return nil, &invalid{reason: "has no items"}
		}
		texts := strings.Split(text, ",")
		for index, each := range texts {
			if each == "" || strings.TrimFunc(each, isBlank) != each {
				return nil, &invalid{"is empty, or has a blank beside a comma", fmt.Sprintf("[%d]", index)}
			}
		}
		return eachOf(texts, item, least, most)
	}
}


func eachOf[V, T any](values []V, item reader[V, T], least int, most int) ([]T, *invalid) {
	if len(values) < least {
		return nil, &invalid{reason: "has too few items"}
	}
	if most >= 0 && len(values) > most {
		return nil, &invalid{reason: "has too many items"}
	}
	found := make([]T, 0, len(values))
	for index, each := range values {
		value, fault := item(each)
		if fault != nil {
			return nil, &invalid{fault.reason, fmt.Sprintf("[%d]", index) + fault.place}
		}
		found = append(found, value)
	}
	return found, nil
}
"""
