// The bundle's entry: the editor's workers first, as the editor looks for them when it starts.
import "./workers.js";
import "graphiql/style.css";
import "./start.js";
