"""Write an address in short, where a page names a source in passing."""


def short(address: str) -> str:
    """Write an address in short: an issue by its number, a file by its project, any other by its
    host.
    """
    plain = address.removeprefix("https://")
    host, *path = plain.split("/")
    if host == "gitlab.com":
        return plain.partition("/-/")[0]
    if host != "github.com":
        return host
    owner_and_name = "/".join(path[:2])
    is_thread = len(path) == 4 and path[2] in ("issues", "pull")
    return f"{owner_and_name}#{path[3]}" if is_thread else owner_and_name
