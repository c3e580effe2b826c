using System.Globalization;
using System.Net;
using System.Text;

namespace Descent.Cli.Report;

/// <summary>Markup that is safe to put into the page. Text only becomes one by being encoded, so hostile text stays text.</summary>
internal readonly record struct Html(string Markup)
{
    /// <summary>A template: every hole is encoded, unless it is markup itself.</summary>
    public static Html Of(FormattableString template)
    {
        object[] holes = [.. template.GetArguments().Select(hole => hole is Html html ? html.Markup : Encode(hole))];
        return new Html(string.Format(CultureInfo.InvariantCulture, template.Format, holes));
    }

    /// <summary>Several pieces, one after the other.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece.Markup)));

    /// <inheritdoc/>
    public override string ToString() => Markup;

    private static string Encode(object? value) =>
        WebUtility.HtmlEncode(Visible(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));

    // HTML has no control characters but tab and line feed: show the others as the pictures Unicode has for them.
    private static string Visible(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            visible.Append(letter switch
            {
                '\t' or '\n' => letter,
                < ' ' => (char)('\u2400' + letter),
                '\u007f' => '\u2421',
                >= '\u0080' and <= '\u009f' => '\ufffd',
                _ => letter,
            });
        }

        return visible.ToString();
    }
}
