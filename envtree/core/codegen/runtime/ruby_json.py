"""The parts of a generated Ruby file that read JSON."""

CONTENT = r"""
    def json(content)
      lambda do |text|
        value =
          begin
            JSON.parse(text, max_nesting: false, freeze: true)
          rescue JSON::ParserError
            fail_with("is not JSON")
          end
        content.call(value)
      end
    end


    def secret(read)
      ->(value) { Secret.new(read.call(value)) }
    end


    def anything
      ->(value) { value }
    end


    def nullable(content)
      ->(value) { value.nil? ? nil : content.call(value) }
    end


    def json_text(read)
      ->(value) { value.is_a?(String) ? read.call(value) : fail_with("is not a text") }
    end


    def json_url(schemes = [], needs_host = false, several = false)
      json_text(->(text) { checked_url(text.delete("\t\n\r"), schemes, needs_host, several) && text })
    end


    def trimmed(text)
      text.sub(/\A#{BLANK}+/, "").sub(/#{BLANK}+\z/, "")
    end


    def json_integer(least = nil, most = nil, multiple = nil, *choices)
      lambda do |value|
        value = { true => 1, false => 0 }.fetch(value, value)
        if value.is_a?(String) && /\A[-+]?[0-9]{1,4300}(?:_[0-9]+)*(?:[.]0+)?\z/.match?(trimmed(value))
          value = trimmed(value).delete("_").to_i
        end
        value = value.to_i if value.is_a?(Float) && value.finite? && value == value.floor
        value.is_a?(Integer) ? within(value, least, most, multiple, choices) : fail_with("is not an integer")
      end
    end


    def json_number(least = nil, most = nil, above = nil, below = nil, finite: false)
      lambda do |value|
        value = { true => 1, false => 0 }.fetch(value, value)
        value = number_of(trimmed(value).delete("_")) if value.is_a?(String)
        fail_with("is not a number") unless value.is_a?(Numeric)
        bounded(value.to_f, least, most, above, below, finite)
      end
    end


    def number_of(word)
      return word.start_with?("-") ? -Float::INFINITY : Float::INFINITY if /\A[-+]?inf(?:inity)?\z/i.match?(word)
      return Float::NAN if /\A[-+]?nan\z/i.match?(word)

      word.to_f if /\A[-+]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][-+]?[0-9]+)?\z/.match?(word)
    end


    def json_boolean
      lambda do |value|
        return value if [true, false].include?(value)
        return value == 1 if value.is_a?(Numeric) && [0, 1].include?(value)

        value.is_a?(String) ? boolean.call(value) : fail_with("is not a boolean")
      end
    end


    def array(item, least = 0, most = nil)
      ->(value) { value.is_a?(Array) ? each_of(value, item, least, most) : fail_with("is not a list") }
    end


    def map(content)
      lambda do |value|
        fail_with("is not a mapping") unless value.is_a?(Hash)
        value.to_h { |key, each| [key, at("[...]", content, each)] }.freeze
      end
    end


    def record(kind, known: nil, **keys)
      lambda do |value|
        fail_with("is not a mapping") unless value.is_a?(Hash)
        fail_with("has a key that it must not have") unless known.nil? || value.keys.all? { |key| known.include?(key) }
        kind.new(keys.transform_values { |name, read, *otherwise| key(value, name, read, *otherwise) })
      end
    end


    def key(values, name, read, *otherwise)
      return at(".#{name}", read, values[name]) if values.key?(name)

      otherwise.empty? ? fail_with("is missing", ".#{name}") : otherwise.first
    end
"""
