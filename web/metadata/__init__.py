"""What machines read in our pages: schema.org, Open Graph, Highwire, COinS, Web Annotations."""
