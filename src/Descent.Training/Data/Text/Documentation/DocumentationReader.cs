using System.Buffers;
using System.Text;
using System.Xml;

namespace Descent.Training.Data;

/// <summary>
/// Turns a compiler's XML documentation into entries of plain English: a line with the signature, then the summary, one line a parameter,
/// the result and the remarks. Exceptions are left out: they repeat a few sentences tens of thousands of times.
/// </summary>
internal sealed class DocumentationReader
{
    // Flattened, these are no English.
    private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal) { "example", "list", "table", "exception", "seealso", "permission" };

    // Headings and tables of Markdown, code in it, places to fill in.
    private static readonly SearchValues<char> Markup = SearchValues.Create("#|`{");

    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string[]> _typeParameters = new(StringComparer.Ordinal);
    private readonly List<DocumentationEntry> _entries = [];

    private DocumentationReader()
    {
    }

    /// <summary>Reads one file.</summary>
    /// <param name="path">A documentation file.</param>
    /// <returns>Its entries in the order of the file; those without a summary in sentences are left out.</returns>
    /// <exception cref="BadInputException">The file isn't XML.</exception>
    public static List<DocumentationEntry> Read(string path)
    {
        var settings = new XmlReaderSettings { IgnoreComments = true, IgnoreProcessingInstructions = true, DtdProcessing = DtdProcessing.Prohibit };
        try
        {
            var documentation = new DocumentationReader();
            using var reader = XmlReader.Create(path, settings);
            while (reader.ReadToFollowing("member"))
            {
                documentation.ReadMember(reader);
            }

            return documentation._entries;
        }
        catch (XmlException exception)
        {
            throw new BadInputException($"{path}, line {exception.LineNumber}: not XML documentation ({exception.Message}); give other text with --data", exception);
        }
    }

    private void ReadMember(XmlReader reader)
    {
        string id = reader.GetAttribute("name") ?? string.Empty;
        if (reader.IsEmptyElement || id.Length < 2)
        {
            return;
        }

        string summary = string.Empty;
        string returns = string.Empty;
        string remarks = string.Empty;
        var parameters = new List<(string Name, string Text)>();
        var typeParameters = new List<string>();
        int depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                reader.Read();
                continue;
            }

            switch (reader.Name)
            {
                case "summary":
                    summary = ReadProse(reader);
                    break;
                case "param":
                    string name = reader.GetAttribute("name") ?? string.Empty;
                    parameters.Add((name, ReadProse(reader)));
                    break;
                case "typeparam":
                    typeParameters.Add(reader.GetAttribute("name") ?? "T");
                    reader.Skip();
                    break;
                case "returns":
                    returns = ReadProse(reader);
                    break;
                case "remarks":
                    remarks = ReadProse(reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (id[0] == 'T')
        {
            _typeParameters[id[2..]] = [.. typeParameters];
        }

        if (IsEnglish(summary) && MemberSignature.Write(id, [.. parameters.Select(parameter => parameter.Name)], typeParameters, _typeParameters) is { } signature)
        {
            _entries.Add(new DocumentationEntry(signature.Type, signature.Text, summary, Details(parameters, returns, remarks)));
        }
    }

    private static List<string> Details(List<(string Name, string Text)> parameters, string returns, string remarks)
    {
        List<string> details = [.. parameters.Where(parameter => parameter.Text.Length > 0).Select(parameter => $"{parameter.Name}: {parameter.Text}")];
        if (returns.Length > 0)
        {
            details.Add("Returns: " + returns);
        }

        if (IsEnglish(remarks))
        {
            details.Add(remarks);
        }

        return details;
    }

    /// <summary>A sentence or more: begins with a capital, ends with a full stop, has words and little else.</summary>
    private static bool IsEnglish(string text)
    {
        if (text.Length < 20 || !char.IsAsciiLetterUpper(text[0]) || text[^1] is not ('.' or ')') || text.Contains("__", StringComparison.Ordinal))
        {
            return false;
        }

        int prose = 0;
        foreach (char character in text)
        {
            prose += char.IsAsciiLetterLower(character) || character == ' ' ? 1 : 0;
        }

        return prose >= text.Length * 0.8 && !text.AsSpan().ContainsAny(Markup);
    }

    /// <summary>Reads an element's text on one line, references by their names; leaves the reader behind the element.</summary>
    private string ReadProse(XmlReader reader)
    {
        _text.Clear();
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return string.Empty;
        }

        int depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Text:
                    _text.Append(reader.Value);
                    break;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    _text.Append(' ');
                    break;
                case XmlNodeType.Element when Skipped.Contains(reader.Name):
                    reader.Skip();
                    continue;
                case XmlNodeType.Element:
                    AppendReference(reader);
                    break;
            }

            reader.Read();
        }

        reader.Read();
        return OnOneLine(_text);
    }

    private void AppendReference(XmlReader reader)
    {
        switch (reader.Name)
        {
            case "para" or "br" or "p":
                _text.Append(' ');
                break;
            case "paramref" or "typeparamref":
                _text.Append(reader.GetAttribute("name"));
                break;
            case "see" or "xref" when reader.IsEmptyElement:
                string? target = reader.GetAttribute("cref") ?? reader.GetAttribute("langword") ?? reader.GetAttribute("href");
                _text.Append(MemberSignature.ShortName(target ?? string.Empty));
                break;
        }
    }

    private static string OnOneLine(StringBuilder text)
    {
        var line = new StringBuilder(text.Length);
        foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
        {
            foreach (char character in chunk.Span)
            {
                if (!char.IsWhiteSpace(character))
                {
                    line.Append(character);
                }
                else if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
        }

        return line.ToString().TrimEnd();
    }
}
