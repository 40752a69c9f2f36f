using Dashboard.PlainPage;

// Each in a method of its own, so that the empty server does not even load what the page needs.
if (args is ["empty", .. var rest])
{
    EmptyServer.Run(rest);
}
else
{
    PlainServer.Run(args);
}
