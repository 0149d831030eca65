"""The parts of a generated Go file that read JSON."""

CONTENT = r"""
func asJSON[T any](content reader[any, T]) reader[string, T] {
	return func(text string) (T, *invalid) {
		var none T
		var value any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil {
			return none, &invalid{reason: "is not JSON"}
		}
		if _, err := decoder.Token(); err != io.EOF {
			return none, &invalid{reason: "is not JSON"}
		}
		return content(value)
	}
}


func asSecret[V, T any](as reader[V, T]) reader[V, Secret[T]] {
	return func(value V) (Secret[T], *invalid) {
		found, fault := as(value)
		return newSecret(found), fault
	}
}


func anything(value any) (any, *invalid) { return value, nil }


func nullable[T any](content reader[any, T]) reader[any, *T] {
	return func(value any) (*T, *invalid) {
		if value == nil {
			return nil, nil
		}
		found, fault := content(value)
		return &found, fault
	}
}


func jsonText[T any](as reader[string, T]) reader[any, T] {
	return func(value any) (T, *invalid) {
		text, is := value.(string)
		if !is {
			var none T
			return none, &invalid{reason: "is not a text"}
		}
		return as(text)
	}
}


func jsonURL(form urlForm) reader[any, string] {
	return jsonText(func(text string) (string, *invalid) {
		return text, form.check(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text))
	})
}


var integerText = regexp.MustCompile(`^[-+]?\p{Nd}+(?:_\p{Nd}+)*(?:[.]0+)?$`)


func jsonInteger(within bounds) reader[any, int64] {
	return func(value any) (int64, *invalid) {
		var text string
		switch each := value.(type) {
		case bool:
			text = map[bool]string{true: "1", false: "0"}[each]
		case json.Number:
			text = each.String()
		case string:
			trimmed := strings.TrimFunc(each, isBlank)
			if integerText.MatchString(trimmed) {
				text = until(strings.ReplaceAll(trimmed, "_", ""), ".")
			}
		}
		whole, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			found, err := strconv.ParseFloat(text, 64)
			if err != nil && !math.IsInf(found, 0) || found != math.Trunc(found) {
				return 0, &invalid{reason: "is not an integer"}
			}
			if !(math.Abs(found) < 1<<63) {
				return 0, &invalid{reason: "is beyond what 64 bits hold"}
			}
			whole = int64(found)
		}
		return within.check(whole)
	}
}


func jsonNumber(within limits) reader[any, float64] {
	return func(value any) (float64, *invalid) {
		var text string
		switch each := value.(type) {
		case bool:
			text = map[bool]string{true: "1", false: "0"}[each]
		case json.Number:
			text = each.String()
		case string:
			text = strings.ReplaceAll(strings.TrimFunc(each, isBlank), "_", "")
		}
		found, err := strconv.ParseFloat(text, 64)
		if err != nil && !math.IsInf(found, 0) {
			return 0, &invalid{reason: "is not a number"}
		}
		return within.check(found)
	}
}


func jsonBoolean(value any) (bool, *invalid) {
	switch each := value.(type) {
	case bool:
		return each, nil
	case json.Number:
		if found, _ := each.Float64(); found == 0 || found == 1 {
			return found == 1, nil
		}
	case string:
		return asBoolean(each)
	}
	return false, &invalid{reason: "is not a boolean"}
}


func jsonArray[T any](item reader[any, T], least int, most int) reader[any, []T] {
	return func(value any) ([]T, *invalid) {
		values, is := value.([]any)
		if !is {
			return nil, &invalid{reason: "is not a list"}
		}
		return eachOf(values, item, least, most)
	}
}


func jsonMap[T any](content reader[any, T]) reader[any, map[string]T] {
	return func(value any) (map[string]T, *invalid) {
		values, is := value.(map[string]any)
		if !is {
			return nil, &invalid{reason: "is not a mapping"}
		}
		found := make(map[string]T, len(values))
		for key, each := range values {
			read, fault := content(each)
			if fault != nil {
				return nil, &invalid{fault.reason, "[...]" + fault.place}
			}
			found[key] = read
		}
		return found, nil
	}
}


type keys struct {
	values map[string]any
	fault  *invalid
}


func keysOf(value any, closed bool, known ...string) *keys {
	values, is := value.(map[string]any)
	if !is {
		return &keys{fault: &invalid{reason: "is not a mapping"}}
	}
	for key := range values {
		if closed && !contains(known, key) {
			return &keys{fault: &invalid{reason: "has a key that it must not have"}}
		}
	}
	return &keys{values: values}
}


func key[T any](all *keys, name string, content reader[any, T]) *T {
	value, found := all.values[name]
	if !found || all.fault != nil {
		return nil
	}
	read, fault := content(value)
	if fault != nil {
		all.fault = &invalid{fault.reason, "." + name + fault.place}
	}
	return &read
}


func requiredKey[T any](all *keys, name string, content reader[any, T]) T {
	if found := key(all, name, content); found != nil {
		return *found
	}
	if all.fault == nil {
		all.fault = &invalid{"is missing", "." + name}
	}
	var none T
	return none
}


func keyOr[T any](all *keys, name string, content reader[any, T], value T) T {
	if found := key(all, name, content); found != nil {
		return *found
	}
	return value
}
"""
