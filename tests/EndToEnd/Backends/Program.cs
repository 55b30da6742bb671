using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Instancer.EndToEnd.Backends;

// A backend for the process runtime: "Instancer.EndToEnd PORT [proxied]". The tests' runner loads the assembly and never calls this.
var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture)));
listener.Listen(1024);
var backend = new Backend(args is [_, Backend.Proxied]);
while (true)
{
    _ = backend.ServeAsync(await listener.AcceptAsync());
}
