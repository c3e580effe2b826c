using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OptimizerPages;

/// <summary>The documentation comments of an assembly as Markdown: what the pages say is what the code says.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members;

    public XmlDocumentation(Assembly assembly) =>
        _members = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(static member => member.Attribute("name")!.Value);

    public string Summary(Type type) => Text($"T:{type.FullName}", "summary");

    public string Remarks(Type type) => Text($"T:{type.FullName}", "remarks");

    public string Summary(PropertyInfo property) => Text($"P:{property.DeclaringType!.FullName}.{property.Name}", "summary");

    /// <summary>The summary of a type's constructor without arguments, where options say the defaults of rate and decay.</summary>
    public string Constructor(Type type) => Text($"M:{type.FullName}.#ctor", "summary");

    private string Text(string member, string element)
    {
        if (!_members.TryGetValue(member, out XElement? found) || found.Element(element) is not { } part)
        {
            return "";
        }

        var text = new StringBuilder();
        Append(text, part);
        return Spaces().Replace(text.ToString(), " ").Replace(" \n\n ", "\n\n", StringComparison.Ordinal).Trim();
    }

    private static void Append(StringBuilder text, XElement element)
    {
        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XText plain:
                    text.Append(plain.Value.Replace("*", "\\*", StringComparison.Ordinal));
                    break;
                case XElement { Name.LocalName: "c" } code:
                    text.Append('`').Append(code.Value).Append('`');
                    break;
                case XElement { Name.LocalName: "see" or "paramref" or "typeparamref" } reference:
                    text.Append('`').Append(Name(reference)).Append('`');
                    break;
                case XElement { Name.LocalName: "para" } paragraph:
                    Append(text, paragraph);
                    text.Append(' ');
                    break;
                case XElement other:
                    Append(text, other);
                    break;
            }
        }
    }

    private static string Name(XElement reference)
    {
        string target = (reference.Attribute("cref") ?? reference.Attribute("langword") ?? reference.Attribute("name"))?.Value ?? reference.Value;
        target = target[(target.IndexOf(':', StringComparison.Ordinal) + 1)..];
        string[] parts = target.Split('(')[0].Split('.');
        return parts[^1].Split('`')[0];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
