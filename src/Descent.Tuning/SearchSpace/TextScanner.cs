using System.Globalization;
using System.Text;

namespace Descent.Tuning;

/// <summary>Takes one piece after the other from a text; blanks between pieces mean nothing.</summary>
internal sealed class TextScanner(string text)
{
    private int _position;

    public bool AtEnd
    {
        get
        {
            SkipBlanks();
            return _position == text.Length;
        }
    }

    public bool Take(string sign)
    {
        SkipBlanks();
        if (!text.AsSpan(_position).StartsWith(sign, StringComparison.Ordinal))
        {
            return false;
        }

        _position += sign.Length;
        return true;
    }

    public void Expect(string sign)
    {
        if (!Take(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    public bool TakeWord(string word)
    {
        int start = _position;
        if (TakeName() == word)
        {
            return true;
        }

        _position = start;
        return false;
    }

    public string? TakeName()
    {
        SkipBlanks();
        int start = _position;
        if (start < text.Length && ParameterName.StartsName(text[start]))
        {
            while (_position < text.Length && ParameterName.ContinuesName(text[_position]))
            {
                _position++;
            }
        }

        return _position > start ? text[start.._position] : null;
    }

    /// <summary>A number without sign; a whole one where no point and no exponent stand.</summary>
    public ParameterValue? TakeNumber()
    {
        SkipBlanks();
        int end = _position;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'
            || (end > _position && text[end] is 'e' or 'E')
            || (end > _position && text[end] is '+' or '-' && text[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        ReadOnlySpan<char> digits = text.AsSpan(_position, end - _position);
        if (digits.IsEmpty)
        {
            return null;
        }

        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
        {
            _position = end;
            return whole;
        }

        if (double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            _position = end;
            return number;
        }

        throw Unexpected("a number");
    }

    /// <summary>What stands between quotes of either kind, where a backslash takes the next character as it is.</summary>
    public string? TakeQuoted()
    {
        SkipBlanks();
        if (_position == text.Length || text[_position] is not ('"' or '\''))
        {
            return null;
        }

        char quote = text[_position];
        StringBuilder content = new();
        for (int i = _position + 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                _position = i + 1;
                return content.ToString();
            }

            content.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        }

        throw new SearchSpaceException($"'{text}': the quote at character {_position + 1} is never closed.");
    }

    /// <summary>What stands before the next comma or closing parenthesis, for choices without quotes.</summary>
    public string TakeBare()
    {
        SkipBlanks();
        int start = _position;
        while (_position < text.Length && text[_position] is not (',' or '(' or ')' or '"' or '\''))
        {
            _position++;
        }

        return text[start.._position].TrimEnd();
    }

    public string Rest()
    {
        SkipBlanks();
        return text[_position..];
    }

    public SearchSpaceException Unexpected(string wanted)
    {
        SkipBlanks();
        return new SearchSpaceException(_position == text.Length
            ? $"'{text}' ends where {wanted} is needed."
            : $"'{text}': at character {_position + 1} stands '{text[_position..]}'; allowed here: {wanted}.");
    }

    private void SkipBlanks()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
        {
            _position++;
        }
    }
}
