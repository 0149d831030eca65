"""The parts of a generated Ruby file: what is always there, and what finds variables and reads texts."""

SECRET = """\
  # A value that is never shown: `reveal` returns it.
  class Secret
    HIDDEN = "[hidden]"

    def initialize(value)
      @read = -> { value }
      freeze
    end

    # Returns the value itself.
    def reveal
      @read.call
    end

    def ==(other)
      other.is_a?(Secret) && reveal == other.reveal
    end
    alias eql? ==

    def hash
      reveal.hash
    end

    def to_s
      HIDDEN
    end

    def inspect
      "#<Secret #{HIDDEN}>"
    end

    def to_json(*)
      %("#{HIDDEN}")
    end

    def as_json(*)
      HIDDEN
    end

    def encode_with(coder)
      coder.scalar = HIDDEN
    end

    def pretty_print(printer)
      printer.text(inspect)
    end

    def marshal_dump
      raise TypeError, "a secret can't be marshalled"
    end
  end

  # Names each variable that is wrong, and shows no value.
  class Error < StandardError
    attr_reader :faults

    def initialize(faults)
      super(["the environment is not as its schema says:", *faults].join("\\n  "))
      @faults = faults
    end
  end

  class Invalid < StandardError
    attr_reader :place

    def initialize(reason, place = "")
      super(reason)
      @place = place
    end
  end
  private_constant :Invalid
"""

TEXTS = r"""
    def fail_with(reason, place = "")
      raise Invalid.new(reason, place)
    end


    # Ruby warns of a number that is too large, and shows it.
    def quietly
      verbose = $VERBOSE
      $VERBOSE = nil
      yield
    ensure
      $VERBOSE = verbose
    end


    def get(env, faults, name, read, otherwise = :required, ignores_empty: false)
      text = env[name]
      text = nil if ignores_empty && text == ""
      if text.nil?
        faults << "#{name} is not set" if otherwise == :required
        return otherwise
      end
      text = text.dup.force_encoding(Encoding::UTF_8).freeze
      fail_with("is not UTF-8") unless text.valid_encoding?
      quietly { read.call(text) }
    rescue Invalid => invalid
      faults << "#{name}#{invalid.place} #{invalid.message}"
      nil
    end


    def text(least = 0, most = nil, *patterns)
      lambda do |text|
        fail_with("is shorter than #{least} characters") if text.length < least
        fail_with("is longer than #{most} characters") if most && text.length > most
        fail_with("doesn't match its pattern") unless patterns.all? { |pattern| pattern.match?(text) }
        text
      end
    end


    def integer(least = nil, most = nil, multiple = nil, *choices)
      lambda do |text|
        fail_with("is not an integer, written as digits alone") unless /\A-?(?:0|[1-9][0-9]{0,4299})\z/.match?(text)
        within(text.to_i, least, most, multiple, choices)
      end
    end


    def within(value, least, most, multiple, choices)
      fail_with("is less than #{least}") if least && value < least
      fail_with("is more than #{most}") if most && value > most
      fail_with("is not a multiple of #{multiple}") if multiple && value % multiple != 0
      fail_with("is none of the allowed values") unless choices.empty? || choices.include?(value)
      value
    end


    def number(least = nil, most = nil, above = nil, below = nil, finite: false)
      lambda do |text|
        form = /\A-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?\z/
        fail_with("is not a number") unless form.match?(text)
        bounded(text.to_f, least, most, above, below, finite)
      end
    end


    def bounded(value, least, most, above, below, finite)
      fail_with("is not a finite number") if finite && !value.finite?
      fail_with("is too small") if (least && !(value >= least)) || (above && !(value > above))
      fail_with("is too large") if (most && !(value <= most)) || (below && !(value < below))
      value
    end


    def boolean
      lambda do |text|
        case text.downcase(:ascii)
        when "1", "t", "true", "y", "yes", "on" then true
        when "0", "f", "false", "n", "no", "off" then false
        else fail_with("is not a boolean, such as `true` or `false`")
        end
      end
    end


    def choice(*texts)
      ->(text) { texts.include?(text) ? text : fail_with("is none of the allowed values") }
    end


    BLANK = /[\t-\r\x1c-\x20\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/


    def url(schemes = [], needs_host = false, several = false, most = nil)
      lambda do |text|
        fail_with("has a blank in it, and a URL has none") if BLANK.match?(text)
        fail_with("is longer than #{most} bytes") if most && text.bytesize > most
        checked_url(text, schemes, needs_host, several)
      end
    end


    def checked_url(text, schemes, needs_host, several)
      found = /\A[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):/.match(text) || fail_with("is not a URL")
      scheme = found[1].downcase
      rest = found.post_match
      fail_with("has the wrong URL scheme") unless schemes.empty? || schemes.include?(scheme)
      special = %w[http https ws wss ftp].include?(scheme)
      if special
        authority = rest.sub(%r{\A[/\\]+}, "")[%r{\A[^/\\?#]*}]
      elsif rest.start_with?("//")
        authority = rest[2..][%r{\A[^/?#]*}]
      elsif needs_host
        fail_with("has no host")
      else
        return text
      end
      authority = "" if /\A[@:]*\z/.match?(authority)
      hosts = authority[(authority.rindex("@") || -1) + 1..].partition("\\").first
      is_needed = special || needs_host || authority != ""
      (several && hosts != "" ? hosts.split(",", -1) : [hosts]).each { |each| check_host(each, is_needed) }
      text
    end


    def check_host(each, is_needed)
      host, colon, port = each.rpartition(":")
      host, port = each, "" if colon == "" || port.include?("]")
      fail_with("has no host") if host == "" && is_needed
      fail_with("has a port that is none") unless port == "" || (/\A0*[0-9]{1,5}\z/.match?(port) && port.to_i <= 65_535)
    end


    # Seconds.
    def duration
      lambda do |text|
        number = "(0|[1-9][0-9]{0,14})"
        form = /\A#{%w[d h m s ms].map { |unit| "(?:#{number}#{unit}(?![a-z]))?" }.join}\z/
        found = text != "" && form.match(text)
        fail_with("is not a duration, such as `1m30s`") unless found
        total = found.captures.zip([86_400_000, 3_600_000, 60_000, 1000, 1]).sum { |part, unit| part.to_i * unit }
        fail_with("is too long a duration") if total >= 86_400_000 * 1_000_000_000
        total / 1000.0
      end
    end


    def either(*options)
      lambda do |text|
        options.each do |option|
          return option.call(text)
        rescue Invalid
          next
        end
        fail_with("fits none of its types")
      end
    end


    def items(item, least = 0, most = nil)
      lambda do |text|
        fail_with("has no items") if text == ""
        texts = text.split(",", -1)
        texts.each_with_index do |each, index|
          next unless each == "" || BLANK.match?(each[0]) || BLANK.match?(each[-1])

          fail_with("is empty, or has a blank beside a comma", "[#{index}]")
        end
        each_of(texts, item, least, most)
      end
    end


    def each_of(values, item, least, most)
      fail_with("has too few items") if values.length < least
      fail_with("has too many items") if most && values.length > most
      values.each_with_index.map { |value, index| at("[#{index}]", item, value) }.freeze
    end


    def at(place, read, value)
      read.call(value)
    rescue Invalid => invalid
      raise Invalid.new(invalid.message, place + invalid.place)
    end
"""
